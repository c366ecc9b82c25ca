"""What the machine is good at, and what a process took of it."""

import sys
from pathlib import Path

CPU = Path("/proc/cpuinfo")  # what Linux tells about the processor


def multiplies_in_bfloat16():
    """Whether the processor has instructions for bfloat16 (AVX-512 BF16 or AMX); False where the system does not say."""
    try:
        words = CPU.read_text().split()
    except OSError:
        return False
    return "avx512_bf16" in words or "amx_bf16" in words


def peak_memory():
    """The most memory that this process has held so far, bytes; 0 where the system does not say."""
    try:
        import resource
    except ImportError:  # Windows
        return 0
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else 1024 * peak
