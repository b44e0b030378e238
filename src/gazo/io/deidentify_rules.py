"""What becomes of each attribute: PS3.15 Table E.1-1 (Basic Application Level Confidentiality Profile), and stricter rules where text is free.

Table E.1-1 names about 650 attributes. They fall into few kinds, so the rules here go by kind (value representation) and name
exceptions. Text is removed unless it stands in `KEPT_TEXT`, so a text attribute that a later edition adds is removed too.
"""

from __future__ import annotations

import re


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Text needed to use the image. Names of regions and segments are what such a file is made for; parts of the patient's name are looked for in all.
KEPT_TEXT = _names(
    """
    Manufacturer ManufacturerModelName SoftwareVersions CodeValue LongCodeValue CodeMeaning CodingSchemeDesignator CodingSchemeVersion
    ConvolutionKernel SequenceName ImagedNucleus RescaleType ModalityLUTType LUTExplanation WindowCenterWidthExplanation Radiopharmaceutical
    SegmentLabel SegmentAlgorithmName ROIName MappingResource ReconstructionMethod ScatterCorrectionMethod AttenuationCorrectionMethod
    RandomsCorrectionMethod
    """
)
# Binary data that is image; overlays, waveforms, documents, icons, signatures and anything unknown go.
KEPT_BINARY = _names(
    """
    PixelData FloatPixelData DoubleFloatPixelData ExtendedOffsetTable ExtendedOffsetTableLengths LUTData
    RedPaletteColorLookupTableData GreenPaletteColorLookupTableData BluePaletteColorLookupTableData AlphaPaletteColorLookupTableData
    SegmentedRedPaletteColorLookupTableData SegmentedGreenPaletteColorLookupTableData SegmentedBluePaletteColorLookupTableData
    SegmentedAlphaPaletteColorLookupTableData ICCProfile ContourData
    """
)
# Codes, numbers, dates and sequences with action X (or X/Z, X/D, X/Z/D, Z, D) in Table E.1-1.
REMOVED = _names(
    """
    SelectorASValue ReasonForTheAttributeModification InstanceOriginStatus ModifyingDeviceID SmokingStatus PatientSexNeutered PregnancyStatus
    LensSpecification PatientBirthTime PatientBirthDateInAlternativeCalendar PatientDeathDateInAlternativeCalendar LastMenstrualDate
    MilitaryRank BranchOfService CountryOfResidence RegionOfResidence Occupation PatientReligiousPreference
    ContentSequence FlowIdentifierSequence GraphicAnnotationSequence PersonIdentificationCodeSequence VerifyingObserverSequence
    IssuerOfTheContainerIdentifierSequence IssuerOfTheSpecimenIdentifierSequence PrescriptionNotesSequence SpecimenPreparationSequence
    VerifyingObserverIdentificationCodeSequence ActualHumanPerformersSequence AdmittingDiagnosesCodeSequence AuthorObserverSequence
    ConsultingPhysicianIdentificationSequence ContentCreatorIdentificationCodeSequence CustodialOrganizationSequence
    DigitalSignaturesSequence EthnicGroupCodeSequence IconImageSequence InstitutionalDepartmentTypeCodeSequence
    IntendedRecipientsOfResultsIdentificationSequence InterpretationApproverSequence IssuerOfAdmissionIDSequence
    IssuerOfServiceEpisodeIDSequence ModifiedAttributesSequence NonconformingModifiedAttributesSequence OriginalAttributesSequence
    OtherClinicalTrialProtocolIDsSequence OtherPatientIDsSequence ParticipantSequence PatientInsurancePlanCodeSequence
    PatientPrimaryLanguageCodeSequence PatientPrimaryLanguageModifierCodeSequence PerformedStationGeographicLocationCodeSequence
    PerformedStationNameCodeSequence PerformingPhysicianIdentificationSequence PhysiciansReadingStudyIdentificationSequence
    PhysiciansOfRecordIdentificationSequence ROICreatorSequence ROIInterpreterSequence ReasonForRequestedProcedureCodeSequence
    ReasonForVisitCodeSequence ReferencedDigitalSignatureSequence ReferencedPatientAliasSequence ReferencedPatientPhotoSequence
    ReferencedPatientSequence ReferencedSOPInstanceMACSequence ReferringPhysicianIdentificationSequence RequestAttributesSequence
    ResultsDistributionListSequence ScheduledHumanPerformersSequence ScheduledPerformingPhysicianIdentificationSequence
    ScheduledStationGeographicLocationCodeSequence ScheduledStationNameCodeSequence TransducerIdentificationSequence UDISequence
    VerbalSourceIdentifierCodeSequenceTrial AcquisitionContextSequence ReferencedStudySequence OperatorIdentificationSequence
    WaveformAnnotationSequence InstitutionCodeSequence ReferencedPerformedProcedureStepSequence WaveformSequence
    GroupOfPatientsIdentificationSequence IssuerOfPatientIDQualifiersSequence StrainCodeSequence BreedRegistrationSequence
    ResponsiblePersonRole EncryptedAttributesSequence PatientSizeCodeSequence
    """
)
# Asked for by the standard in every image, so emptied instead of removed (Z).
EMPTIED = _names("AccessionNumber StudyID ReferringPhysicianName PatientBirthDate OperatorsName")
# Asked for with a value (D) in plans, structure sets and presentation states.
DUMMIES = {"StructureSetLabel": "REMOVED", "RTPlanLabel": "REMOVED", "ContentLabel": "REMOVED", "ContentCreatorName": "REMOVED"}
# Kept with the option "Retain Patient Characteristics" (E.3.7), else removed; sex is emptied then.
CHARACTERISTICS = _names("PatientSex PatientAge PatientSize PatientWeight")

DATES = frozenset(("DA", "DT"))
TEXT = frozenset(("AE", "LO", "LT", "PN", "SH", "ST", "UC", "UR", "UT"))
BINARY = frozenset(("OB", "OD", "OF", "OL", "OV", "OW", "UN"))
NUMBERS = frozenset(("DS", "IS"))
_CODE = re.compile(r"[A-Z0-9_ ]{0,16}")


def group_is_removed(tag_group: int) -> bool:
    """Curves (50xx) and overlays (60xx), which hold drawings and comments, positions by GPS (0010 is text anyway)."""
    return 0x5000 <= tag_group <= 0x50FF or 0x6000 <= tag_group <= 0x60FF


def is_code(text: str) -> bool:
    """Whether a text is what a code string (CS) may be; names with ^ or small letters are not."""
    return _CODE.fullmatch(text) is not None
