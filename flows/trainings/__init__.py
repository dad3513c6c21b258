"""Trainings on workers of the pool gpu: what is ordered, how it is sent, and the deployments that train."""
