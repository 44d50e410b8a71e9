from hpt_lab.study.backend import StorageError as StorageError
from hpt_lab.study.directions import Directions as Directions
from hpt_lab.study.history import History as History, Strategy as Strategy
from hpt_lab.study.log import Index as Index
from hpt_lab.study.study import NothingToSuggest as NothingToSuggest, Study as Study
from hpt_lab.study.trial import Suggestion as Suggestion, Trial as Trial
from hpt_lab.tools.storage.records import StudyRecord as StudyRecord, studies as studies
