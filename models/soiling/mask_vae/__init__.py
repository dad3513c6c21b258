"""New masks of soiling from those of few images: a variational autoencoder (section 3.1)."""
