"""Isobit on images that are black but for a fifth, as MNIST's."""

import common
from isobit import Isobit

common.serve(lambda network, threads: Isobit(network, threads, common.images(common.ROWS)))
