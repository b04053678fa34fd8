"""Copy what the portal needs from node_modules into static/vendor, with licences and a manifest.

Run by set-up after ``npm ci``; running it again changes nothing. The wheel carries the result, so
who installs the wheel needs no Node.js.
"""

import json
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
MODULES = ROOT / "node_modules"
VENDOR = ROOT / "src" / "longmai" / "portal" / "static" / "vendor"


@dataclass(frozen=True)
class Asset:
    """One npm package and the files of it that pages use (globs inside the package).

    Attributes:
        package: its npm name.
        folder: where its files lie below ``vendor``.
        files: what pages load; each keeps its file name, and its folder where ``keep`` says so.
        keep: folders of the package whose names stay in the path.
        notices: licence texts, of which at least one must exist.
    """

    package: str
    folder: str
    files: tuple[str, ...]
    keep: tuple[str, ...] = ()
    notices: tuple[str, ...] = ("LICENSE*", "NOTICE*")


ASSETS = (
    Asset("htmx.org", "htmx", ("dist/htmx.esm.min.js",)),
    # zrender (BSD-3-Clause) and tslib (0BSD) are bundled in ECharts; their licences come below.
    Asset("echarts", "echarts", ("dist/echarts.esm.min.js",)),
    Asset("zrender", "zrender", ()),
    Asset("tslib", "tslib", (), notices=("LICENSE*", "CopyrightNotice*")),
    Asset("@noble/ed25519", "noble-ed25519", ("index.js",)),
    Asset("@noble/hashes", "noble-hashes", ("sha2.js", "_md.js", "_u64.js", "utils.js")),
    # Its licence asks that the mark of bpmn.io stays in view wherever it is used.
    Asset(
        "dmn-js",
        "dmn-js",
        (
            "dist/dmn-modeler.production.min.js",
            "dist/assets/diagram-js.css",
            "dist/assets/dmn-js-shared.css",
            "dist/assets/dmn-js-decision-table.css",
            "dist/assets/dmn-js-decision-table-controls.css",
            "dist/assets/dmn-font/css/dmn.css",
            "dist/assets/dmn-font/font/dmn.woff2",
        ),
        keep=("css", "font"),
    ),
    Asset(
        "@fontsource-variable/noto-sans-sc",
        "noto-sans-sc",
        ("index.css", "files/*.woff2"),
        keep=("files",),
    ),
)


def main() -> None:
    """Lay the vendor folder anew."""
    absent = [asset.package for asset in ASSETS if not (MODULES / asset.package).is_dir()]
    if absent:
        sys.exit(f"node_modules lacks {', '.join(absent)}; run 'npm ci --ignore-scripts' first.")
    wanted = dict(pair for asset in ASSETS for pair in copies(asset))
    remove_others(set(wanted))
    for target, source in wanted.items():
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)
    manifest = json.dumps([describe(asset) for asset in ASSETS], indent=2)
    (VENDOR / "manifest.json").write_text(manifest + "\n", encoding="utf-8")
    size_mb = sum(file.stat().st_size for file in wanted) / 1e6
    print(f"{len(wanted)} files of {len(ASSETS)} packages, {size_mb:.1f} MB")


def copies(asset: Asset) -> Iterator[tuple[Path, Path]]:
    """Yield (target, source) of an asset's files and licences; end the program if any is absent."""
    home = MODULES / asset.package
    notices = [file for pattern in asset.notices for file in sorted(home.glob(pattern))]
    if not notices:
        sys.exit(f"{asset.package} has no licence file; it cannot be shipped.")
    for file in notices:
        yield VENDOR / asset.folder / file.name, file
    for pattern in asset.files:
        found = sorted(home.glob(pattern))
        if not found:
            sys.exit(
                f"{asset.package} has no {pattern}; its layout changed, mend scripts/assets.py."
            )
        for file in found:
            kept = file.parent.name if file.parent.name in asset.keep else ""
            yield VENDOR / asset.folder / kept / file.name, file


def remove_others(wanted: set[Path]) -> None:
    """Remove files that an earlier version of a package left."""
    for file in VENDOR.rglob("*"):
        if file.is_file() and file not in wanted:
            file.unlink()


def describe(asset: Asset) -> dict[str, str]:
    """Return the manifest's entry of a package."""
    package = json.loads((MODULES / asset.package / "package.json").read_text(encoding="utf-8"))
    return {
        "name": asset.package,
        "version": package["version"],
        "licence": package["license"],
        "folder": asset.folder,
    }


if __name__ == "__main__":
    main()
