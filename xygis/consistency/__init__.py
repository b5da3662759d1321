"""Whether the layers of an atlas agree with each other (多规合一): pairs, difference patches, quality, indicators."""
