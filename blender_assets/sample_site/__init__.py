"""A furnished 3-D office that stands in for a real site: path-traced, then seen by a modelled sensor."""
