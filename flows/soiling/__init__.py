"""The pipeline `soiling`: does generated dirt make a better detector of soiled lenses? (seed 000)"""
