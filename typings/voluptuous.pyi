# Home Assistant serves "voluptuous" from probatio; the types are probatio's.
from probatio import *
