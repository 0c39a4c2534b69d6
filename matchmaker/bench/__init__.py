"""Measuring speed on this machine: encoders, search at three sizes, catching up.

Part of the product, so that whoever runs it can measure what he has. Figures of one run are
compared with one another only: another machine, or another load, gives others.
"""
