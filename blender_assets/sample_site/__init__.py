"""A furnished 3-D office that stands in for a real site: path-traced and photographed through a modelled sensor."""
