"""One season of apples, generated from a seed: about 2,000 events that look like real ones.

Everything in it says that it is sample data. Keys stand under the prefix that GS1 reserves for
demonstrations; names of places come from the region pack; words come from ``season.toml``.
"""

from longmai.domains.brand.sample.season import first_box_key, generate

__all__ = ["first_box_key", "generate"]
