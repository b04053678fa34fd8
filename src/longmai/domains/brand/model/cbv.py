"""The words of the Core Business Vocabulary (CBV 2.0) that EPCIS documents use.

In JSON a standard value is a bare word, and a value of somebody's own vocabulary is a URI. Older
documents also write standard values as URIs; these mean the same:

>>> BIZ_STEP.bare("https://ref.gs1.org/cbv/BizStep-shipping")
'shipping'
>>> BIZ_STEP.bare("urn:epcglobal:cbv:bizstep:shipping")
'shipping'
>>> BIZ_STEP.bare("https://example.com/steps/waxing")
'https://example.com/steps/waxing'
>>> DISPOSITION.nearest("in_transport")
'in_transit'
"""

from dataclasses import dataclass
from difflib import get_close_matches

_CBV = ("https://ref.gs1.org/cbv/", "https://ns.gs1.org/cbv/", "http://ns.gs1.org/cbv/", "cbv:")
_GS1_VOC = (
    "https://gs1.org/voc/",
    "https://www.gs1.org/voc/",
    "http://gs1.org/voc/",
    "http://www.gs1.org/voc/",
    "gs1:",
)
_LEAST_LIKENESS = 0.4
_LONGEST_WORD = 64  # of an overlong word, this much is compared
_FEW = 6
_OWN_VOCABULARY = "a URI of a vocabulary of your own"


@dataclass(frozen=True)
class Vocabulary:
    """One standard vocabulary.

    Attributes:
        name: what a value of it is called in messages.
        words: the standard values.
        uri_forms: what may stand before a word instead of nothing, with the same meaning.
        grows: the list is kept outside EPCIS and CBV and gets words between their releases, so
            a word it lacks here is not known to be wrong.
        namespaces: what makes the present URI of a word; empty: any of ``uri_forms``.
    """

    name: str
    words: frozenset[str]
    uri_forms: tuple[str, ...]
    grows: bool = False
    namespaces: tuple[str, ...] = ()

    def bare(self, value: str) -> str:
        """Return the bare word for any notation of a standard value; another URI as it is."""
        word = self.word_in(value)
        return word if word in self.words else value

    def short(self, value: str) -> str:
        """Return the bare word for the URI that this version of CBV gives it; else the value.

        Older URIs of measurement types come back as they are: EPCIS hashes tell them apart.

        >>> MEASUREMENT_TYPE.short("gs1:Temperature"), MEASUREMENT_TYPE.short("gs1:MT-Temperature")
        ('Temperature', 'gs1:MT-Temperature')
        """
        for form in self.namespaces or self.uri_forms:
            if value.startswith(form) and value[len(form) :] in self.words:
                return value[len(form) :]
        return value

    def uri(self, value: str, *, urn: bool = False) -> str:
        """Return the URI of a standard word; another value as it is.

        Args:
            value: bare word or URI.
            urn: the URN of CBV 1.2, where there is one.

        >>> BIZ_STEP.uri("packing"), BIZ_STEP.uri("packing", urn=True)
        ('https://ref.gs1.org/cbv/BizStep-packing', 'urn:epcglobal:cbv:bizstep:packing')
        """
        if value not in self.words:
            return value
        forms = self.namespaces or self.uri_forms
        if urn and forms[-1].startswith("urn:"):
            return forms[-1] + value
        return forms[0] + value

    def word_in(self, value: str) -> str | None:
        """Return what claims to be a word of this vocabulary, None for a foreign URI.

        >>> BIZ_STEP.word_in("cbv:BizStep-waxing"), BIZ_STEP.word_in("ex:waxing")
        ('waxing', None)
        """
        if ":" not in value:
            return value
        for form in self.uri_forms:
            if value.startswith(form):
                return value[len(form) :]
        return None

    def suggestion(self, word: str) -> str:
        """Return what to write instead of a word this vocabulary lacks.

        >>> ERROR_REASON.suggestion("mistake")
        'write did_not_occur or incorrect_data, or a URI of a vocabulary of your own'
        """
        near = self.nearest(word)
        right = [near] if near else sorted(self.words) if len(self.words) <= _FEW else []
        return " ".join(
            ["write", *([" or ".join(right) + ", or"] if right else []), _OWN_VOCABULARY]
        )

    def nearest(self, word: str) -> str | None:
        """Return the standard value that looks most like a word, None where none does."""
        found = get_close_matches(
            word[:_LONGEST_WORD], sorted(self.words), n=1, cutoff=_LEAST_LIKENESS
        )
        return found[0] if found else None


def _split(words: str) -> frozenset[str]:
    return frozenset(words.split())


def _cbv(name: str, local_prefix: str, urn_name: str, words: str) -> Vocabulary:
    forms = [f"{namespace}{local_prefix}-" for namespace in _CBV]
    if urn_name:
        forms.append(f"urn:epcglobal:cbv:{urn_name}:")
    return Vocabulary(name, _split(words), tuple(forms))


BIZ_STEP = _cbv(
    "business step",
    "BizStep",
    "bizstep",
    """
    accepting arriving assembling collecting commissioning consigning creating_class_instance
    cycle_counting decommissioning departing destroying disassembling dispensing encoding
    entering_exiting holding inspecting installing killing loading other packing picking
    receiving removing repackaging repairing replacing reserving retail_selling sampling
    sensor_reporting shipping staging_outbound stock_taking stocking storing transporting
    unloading unpacking void_shipping
    """,
)
DISPOSITION = _cbv(
    "disposition",
    "Disp",
    "disp",
    """
    active available completeness_inferred completeness_verified conformant container_closed
    container_open damaged destroyed dispensed disposed encoded expired in_progress in_transit
    inactive mismatch_class mismatch_instance mismatch_quantity needs_replacement
    no_pedigree_match non_conformant non_sellable_other partially_dispensed recalled reserved
    retail_sold returned sellable_accessible sellable_not_accessible stolen unavailable unknown
    """,
)
BIZ_TRANSACTION_TYPE = _cbv(
    "business transaction type",
    "BTT",
    "btt",
    "bol cert desadv inv pedigree po poc prodorder recadv rma testprd testres upevt",
)
SOURCE_DESTINATION_TYPE = _cbv(
    "source or destination type", "SDT", "sdt", "location owning_party possessing_party"
)
ERROR_REASON = _cbv("error reason", "ER", "er", "did_not_occur incorrect_data")
COMPONENT = _cbv(
    "component",
    "Comp",
    "",
    """
    altitude axial_distance azimuth easting elevation_angle height latitude longitude northing
    polar_angle spherical_radius x y z
    """,
)
# GS1 Web Vocabulary, code lists MeasurementType and SensorAlertType, named by CBV 2.0 §7.6, §7.7.
MEASUREMENT_TYPE = Vocabulary(
    "measurement type",
    _split(
        """
        AbsoluteHumidity AbsorbedDose AbsorbedDoseRate Acceleration Altitude AmountOfSubstance
        AmountOfSubstancePerUnitVolume Angle AngularAcceleration AngularMomentum AngularVelocity
        Area Capacitance Conductance Conductivity Count Density Dimensionless DoseEquivalent
        DoseEquivalentRate DynamicViscosity ElectricCharge ElectricCurrent ElectricCurrentDensity
        ElectricFieldStrength Energy Exposure Force Frequency Illuminance Inductance Irradiance
        KinematicViscosity Length LinearMomentum Luminance LuminousFlux LuminousIntensity
        MagneticFlux MagneticFluxDensity MagneticVectorPotential Mass MassConcentration
        MassFlowRate MassPerAreaTime MemoryCapacity MolalityOfSolute MolarEnergy MolarMass
        MolarVolume Power Pressure RadiantFlux RadiantIntensity Radioactivity RelativeHumidity
        Resistance Resistivity SolidAngle SpecificVolume Speed SurfaceDensity SurfaceTension
        Temperature Time Torque Voltage Volume VolumeFlowRate VolumeFraction VolumetricFlux
        Wavenumber
            """
    ),
    tuple(f"{namespace}MT-" for namespace in _GS1_VOC),
    grows=True,
    namespaces=_GS1_VOC,
)
SENSOR_ALERT_TYPE = Vocabulary(
    "sensor alert type",
    frozenset({"ALARM_CONDITION", "ERROR_CONDITION"}),
    tuple(f"{namespace}AT-" for namespace in _GS1_VOC),
    namespaces=_GS1_VOC,
)
