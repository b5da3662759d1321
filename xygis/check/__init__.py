"""The first use case: parcels against the atlas, facts before law, one immutable `Assessment`."""
