"""The network in Keras on TensorFlow, for the rivals that need it."""

import keras
import tensorflow as tf

import common


def limit_threads(threads: int) -> None:
    tf.config.threading.set_intra_op_parallelism_threads(threads)
    tf.config.threading.set_inter_op_parallelism_threads(threads)


def build_model(network: common.Network) -> keras.Model:
    layers: list[keras.Layer] = [keras.Input((common.INPUTS,))]
    for layer in network.hidden:
        layers.append(keras.layers.Dense(layer.units, activation="relu"))
        if layer.rate > 0:
            layers.append(keras.layers.Dropout(layer.rate))
    return keras.Sequential(layers + [keras.layers.Dense(common.CLASSES)])
