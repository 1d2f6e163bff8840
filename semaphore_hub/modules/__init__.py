"""The business: one package per module of SEMAPHORE, each with models, schemas, service and endpoints."""
