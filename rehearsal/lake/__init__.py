"""Lake: plays S3.

``endpoint``  moto's server in a process of its own
``objects``   what is in it, or was kept of it
"""

from rehearsal.lake.endpoint import Lake
from rehearsal.lake.objects import KeptLake, LakeObject, open_kept

__all__ = ["KeptLake", "Lake", "LakeObject", "open_kept"]
