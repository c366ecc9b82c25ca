"""The GAN workbench: navigation and page config, nothing else."""

from pages.components import shell

shell.navigation().run()
