import subprocess
import sys


def test_vision_never_imports_django() -> None:
    code = (
        "import pkgutil, sys, faces.vision as v\n"
        "for m in pkgutil.walk_packages(v.__path__, 'faces.vision.'): __import__(m.name)\n"
        "sys.exit('django' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
