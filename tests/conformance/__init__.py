"""What every connector must do, found from its manifest: a connector that is added is tested without a line of test.

``pytest tests/conformance -k ID`` runs it for one connector; with ``SEMAPHORE_CONNECTOR_DIRS``, for those outside too.
"""
