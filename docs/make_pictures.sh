#!/usr/bin/env bash
# Makes the sample recording and the README's pictures. Run it from the repository's root.
set -euo pipefail
python -m camlive simulate recordings/sample.mp4 --seed 9 --force
folder="$(mktemp -d)"
python -m camlive run recordings/sample.mp4 --no-window --save-video "$folder/read.mp4" --force
ffmpeg -v error -y -i "$folder/read.mp4" -vf fps=8,scale=480:-1 -quality 60 -loop 0 docs/images/reading.webp
python -m camlive simulate "$folder/page.jpg" --seed 12 --width 960 --height 720
python -m camlive explain "$folder/page.jpg" --out docs/images/explained.jpg --force
rm -r "$folder"
