"""Cuts Fira Sans down to what the portal writes: the letters of DIN 91379 (read from domain/src/din_91379.rs), combining marks,
ASCII, Latin-1 and the punctuation below; without hints, which screens of phones do not use. Run it with fonttools and brotli:
`python3 assets/cut-fonts.py FiraSans-Regular.woff2 fira-sans-400.woff2`. CONTRIBUTING.md says when."""

import pathlib
import re
import sys

from fontTools import subset
from fontTools.ttLib import TTFont

root = pathlib.Path(__file__).resolve().parents[1]
rules = (root / "domain/src/din_91379.rs").read_text(encoding="utf-8")
lists = re.findall(r'pub const [A-Z_]+: &str = "([^"]*)"', rules)
wanted = {ord(c) for text in lists for c in text}
wanted |= set(range(0x20, 0x7F)) | set(range(0xA0, 0x100)) | set(range(0x300, 0x370))
wanted |= {ord(c) for c in "–—‚‘’„“”…•‹›†‡‰€™←↑→↓−"}
source, target = sys.argv[1:]
font = TTFont(source)
options = subset.Options()
options.layout_features = ["*"]
options.hinting = False
options.notdef_outline = True
cutter = subset.Subsetter(options)
cutter.populate(unicodes=wanted & set(font.getBestCmap()))
cutter.subset(font)
font.flavor = "woff2"
font.save(target)
