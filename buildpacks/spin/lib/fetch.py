"""The step of a build that reaches cargo's registry."""

import cargo
import manifest

if __name__ == "__main__":
    for name, component in manifest.read().components.items():
        cargo.fetch(name, component)
