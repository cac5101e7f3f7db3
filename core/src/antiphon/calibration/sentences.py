"""Everyday sentences: those that voices are calibrated on, and others that show how well the calibration holds."""

CALIBRATION = (
    "I feel a little tired today.",
    "My mother called me again last night.",
    "What do you think I should do about it?",
    "We walked along the river until it began to rain.",
    "Yes, I suppose that you are right.",
    "Work has been difficult since the new year.",
    "Tell me more about your family.",
    "I would rather stay at home and read a good book.",
    "The children were playing in the garden all afternoon.",
    "Nobody seems to listen when I talk.",
)

TEST = (
    "I have been thinking about my brother.",
    "Does it bother you that nobody came?",
    "She always tells me what I want to hear.",
    "It was a long journey, but we arrived in time.",
    "Please go on, I am listening.",
    "My best friend moved to another city last summer.",
    "How long have you been feeling like this?",
    "I dream about the sea almost every week.",
    "Maybe we could talk about something else.",
    "They never answered any of my letters.",
)
