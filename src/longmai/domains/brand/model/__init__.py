"""Values and rules of traceability: GS1 keys, EPCIS events, tracing. Pure."""
