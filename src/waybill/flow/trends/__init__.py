"""The register of incidents at work: filled, looked at, published."""
