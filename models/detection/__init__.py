"""SqueezeDet: its network, targets, loss, training and evaluation."""
