"""Rules engine: policies as FEEL and DMN. Its room is kept; nothing is built yet."""
