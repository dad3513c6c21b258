"""What a translator did to images, while it trains and afterwards."""
