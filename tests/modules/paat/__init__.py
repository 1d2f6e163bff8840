"""Tests of the module PAAT."""
