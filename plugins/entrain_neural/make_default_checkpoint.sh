#!/bin/sh
# Makes the checkpoint that comes with the package, in the folder WORK: sh make_default_checkpoint.sh WORK
# Simulated speakers follow their partners by 0.6 at once and by 0.75 in the long run, in all seven features.
set -e
work="$1"
mkdir -p "$work"
antiphon corpus simulate "$work/followers.parquet" --coupling 0.6 --inertia 0.2 --text-effect 0 --drift 0.5 \
    --missing 0.15 --conversations 500 --seed 20261122 --force
antiphon entrain train "$work/followers.parquet" --out "$work/default" --name default --licence CC0-1.0 \
    --accelerator cpu --set data.us=second-speaker --set text.next=none --set training.teacher_forcing.start=0.5
antiphon entrain evaluate "$work/default" "$work/followers.parquet" --out "$work/report"
