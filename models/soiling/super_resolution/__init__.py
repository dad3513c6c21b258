"""Images at four times their width and height: the seed's network U."""
