BEGIN TRANSACTION;
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0001');
CREATE TABLE aliases (
	name VARCHAR(63) NOT NULL, 
	folder VARCHAR(32) NOT NULL, 
	acl JSON NOT NULL, 
	targets JSON NOT NULL, 
	created_at FLOAT NOT NULL, 
	updated_at FLOAT NOT NULL, 
	CONSTRAINT pk_aliases PRIMARY KEY (name), 
	CONSTRAINT fk_aliases_folder FOREIGN KEY(folder) REFERENCES folders (id)
);
CREATE TABLE checkpoint_blobs (
	checkpoint_id VARCHAR(32) NOT NULL, 
	blob VARCHAR(64) NOT NULL, 
	CONSTRAINT pk_checkpoint_blobs PRIMARY KEY (checkpoint_id, blob), 
	CONSTRAINT fk_checkpoint_blobs_checkpoint_id FOREIGN KEY(checkpoint_id) REFERENCES checkpoints (id) ON DELETE CASCADE
);
INSERT INTO "checkpoint_blobs" VALUES('xorasncdi2y4dhcm6orx','0011f5b867550f65298d076b77e20ddcfefa109a2e40ba39227f0435a2478107');
INSERT INTO "checkpoint_blobs" VALUES('xorasncdi2y4dhcm6orx','03c4fa261c1447b3ad43869d96a831c466f0f875782b8a7ec10d80f325ca95aa');
INSERT INTO "checkpoint_blobs" VALUES('xorasncdi2y4dhcm6orx','088c023832ef5861462c991584cfcaa306bc71172f58ccf81c3684c2cfb82476');
INSERT INTO "checkpoint_blobs" VALUES('xorasncdi2y4dhcm6orx','0c8b69205f0ef40aa41fede164f4780650fb76f833a63fa868b4f512eba6ab94');
INSERT INTO "checkpoint_blobs" VALUES('xorasncdi2y4dhcm6orx','0eaa287c83f5b2120fb9b8ab535cc47e8fe6c0074aac5ddd2d7a4ca956e9be52');
INSERT INTO "checkpoint_blobs" VALUES('xorasncdi2y4dhcm6orx','0f4165ed0759d8b4c26b12c978d43e33bf8de7fc486a73f102ac424ee1f5d900');
INSERT INTO "checkpoint_blobs" VALUES('xorasncdi2y4dhcm6orx','11cbdc092df3e47d1baac8ad2595677fd06f1fe226f72f9ae1c929f1ba24b57a');
INSERT INTO "checkpoint_blobs" VALUES('xorasncdi2y4dhcm6orx','151d14a5358708e04adef3fb5225caeea5d5d84582ffb622ed6ea93931361b31');
INSERT INTO "checkpoint_blobs" VALUES('xorasncdi2y4dhcm6orx','1c4ddb80c78c884fa21ec82c5001bba3a1f06b200ed72b5434cd1ec8447e09a7');
INSERT INTO "checkpoint_blobs" VALUES('xorasncdi2y4dhcm6orx','35b5b33eeeefcfa121b8f60c207939ac8ee1241c9c18fcc3903b200198108dd0');
INSERT INTO "checkpoint_blobs" VALUES('xorasncdi2y4dhcm6orx','35c6a65b063d323ab7ef0f7365827e3e594ef0ec84c1a0e0c6895efa34305076');
INSERT INTO "checkpoint_blobs" VALUES('xorasncdi2y4dhcm6orx','39176c5cac450954f0e32b80a83a6ae50643a4918a0779b24f03272a7a902385');
INSERT INTO "checkpoint_blobs" VALUES('xorasncdi2y4dhcm6orx','408debc95897c4d01c820d3e3dc3b0dec93b44d8a1995ef4ccc554d069425e1a');
INSERT INTO "checkpoint_blobs" VALUES('xorasncdi2y4dhcm6orx','4c78eeec322270328b863b71b8067401972386fad57b01eb9b6d7b9c33a8dbeb');
INSERT INTO "checkpoint_blobs" VALUES('xorasncdi2y4dhcm6orx','503ee548f59bde25b776bc45a7efd3e6f361cb5ea3052720265dec61941391d4');
INSERT INTO "checkpoint_blobs" VALUES('xorasncdi2y4dhcm6orx','5252c98890808cbf852488798ac7295082ccd37bca8d7c448480da61807e328a');
INSERT INTO "checkpoint_blobs" VALUES('xorasncdi2y4dhcm6orx','58e0a2f7c0e88d03332c57054d218a14ea5c2b4a408cc7a5f7780f04298ba981');
INSERT INTO "checkpoint_blobs" VALUES('xorasncdi2y4dhcm6orx','5eeee6fffc5dabc664b80d76c727d3a2c8c85e086e18aa967b97d47819e513bd');
INSERT INTO "checkpoint_blobs" VALUES('xorasncdi2y4dhcm6orx','5f2b3e1ba10f969ee38d75e79ff4c3448368e666e47dc40a678b4c04e080732c');
INSERT INTO "checkpoint_blobs" VALUES('xorasncdi2y4dhcm6orx','62462b546ab09be53b434e65fe40617c42b23119cd92302de89b53260e727b7c');
INSERT INTO "checkpoint_blobs" VALUES('xorasncdi2y4dhcm6orx','72fa19458925b7c287c62257462a63586120cf52bbfd9a64a7e057d9fd37442d');
INSERT INTO "checkpoint_blobs" VALUES('xorasncdi2y4dhcm6orx','73dad13692b42475cdb7b60c7fbc19932d7925729ba715b53424cdcbea5970e2');
INSERT INTO "checkpoint_blobs" VALUES('xorasncdi2y4dhcm6orx','752ca86918ad3cff9e0c8c80db3ae38250b9d9d1fda28deb3837ce055a153ed8');
INSERT INTO "checkpoint_blobs" VALUES('xorasncdi2y4dhcm6orx','7ea807f191e1e16574848d2460073372d2fe5775ec259470911e016e24d4b496');
INSERT INTO "checkpoint_blobs" VALUES('xorasncdi2y4dhcm6orx','81798af89e68143e2763ababd2ea7bf656462d7131aea8a9a87b914c76012679');
INSERT INTO "checkpoint_blobs" VALUES('xorasncdi2y4dhcm6orx','871ae34753c299e781ca5ed6e4d01930584a1e8a033d35b39880e7b99ba19a82');
INSERT INTO "checkpoint_blobs" VALUES('xorasncdi2y4dhcm6orx','91c05498d9bd756ad6b3abeff2fcb44e10b4530af8b23bb6315bb64fc3c5a5d3');
INSERT INTO "checkpoint_blobs" VALUES('xorasncdi2y4dhcm6orx','9350aafa27401f645e8a8d7479603bff45595b59cabc257a525c5d27ffedcbb2');
INSERT INTO "checkpoint_blobs" VALUES('xorasncdi2y4dhcm6orx','93872c4c45675bfc752ea3ae7fd7e5e30ede626c76212b6717ece44479a848ae');
INSERT INTO "checkpoint_blobs" VALUES('xorasncdi2y4dhcm6orx','973fe0b30d5d85d96e1b57545e454bd569f1a18cd731efa46db0475afdfe4a4c');
INSERT INTO "checkpoint_blobs" VALUES('xorasncdi2y4dhcm6orx','9985638128812b1e2ededfb764dd3657b174668cf81daf67807a1d82accb1073');
INSERT INTO "checkpoint_blobs" VALUES('xorasncdi2y4dhcm6orx','9aea448096fe5a54ed52b2bf723858c4685233bfa9ad7be0e864acd5359b5ddf');
INSERT INTO "checkpoint_blobs" VALUES('xorasncdi2y4dhcm6orx','a24f13e7167141933643066d264435010fc79fc41aa7f8e00cfcf87d02939f8c');
INSERT INTO "checkpoint_blobs" VALUES('xorasncdi2y4dhcm6orx','accd433f11694138bddfb7ae8fc3c0798f3ff6d24e6f611c25b2075826c8f353');
INSERT INTO "checkpoint_blobs" VALUES('xorasncdi2y4dhcm6orx','b4b4753bd83afcb5058e7689e96eee27d344ee92ab72e66a2b8c023f4e368fb5');
INSERT INTO "checkpoint_blobs" VALUES('xorasncdi2y4dhcm6orx','b749f1a59441a80d88a5cc39d61711b22e4bd5f3ea68271dd61d984c3632bb4b');
INSERT INTO "checkpoint_blobs" VALUES('xorasncdi2y4dhcm6orx','c64ac3e87ec48d1f359b8696f5c58296cc15d572d504f6316b290d347cf5a915');
INSERT INTO "checkpoint_blobs" VALUES('xorasncdi2y4dhcm6orx','debc8d30eec6b9f847fda920f3b36ceea81538893721a7163e84e882e0a5e29e');
INSERT INTO "checkpoint_blobs" VALUES('xorasncdi2y4dhcm6orx','e2506b2458f6bc1d0d3e19a952710a5834baf7509a6099d6a5991452028aac17');
INSERT INTO "checkpoint_blobs" VALUES('xorasncdi2y4dhcm6orx','f690c946b716670d88f3bea96a76a9ca11297cb12619592520eccb32b72d6cdd');
INSERT INTO "checkpoint_blobs" VALUES('xorasncdi2y4dhcm6orx','fe2253eace266380973597ea6f3ea5130d7206974877267e17d4ae84a1535b34');
CREATE TABLE checkpoints (
	id VARCHAR(32) NOT NULL, 
	operation VARCHAR(16) NOT NULL, 
	status VARCHAR(8) NOT NULL, 
	kernel_id VARCHAR(64) NOT NULL, 
	msg_id VARCHAR(128), 
	notebook TEXT, 
	cell_id VARCHAR(128), 
	execution_count INTEGER, 
	first_line TEXT NOT NULL, 
	outputs JSON NOT NULL, 
	created_at FLOAT NOT NULL, 
	duration FLOAT NOT NULL, 
	size BIGINT NOT NULL, 
	name VARCHAR(255), 
	pinned_by VARCHAR(255), 
	manifest JSON NOT NULL, 
	CONSTRAINT pk_checkpoints PRIMARY KEY (id), 
	CONSTRAINT uq_checkpoints_name UNIQUE (name)
);
INSERT INTO "checkpoints" VALUES('xorasncdi2y4dhcm6orx','Cell run','ok','114e6822-7949-435e-bc23-19b89e1328d5','6cd272247db7489c90973ecbf888bb59','frozen.ipynb','d0e4ba8f',3,'result = {','[]',1.79585575817157387734e+09,7.8623800072818994522e-04,1622995,'frozen-1','30d728f8c45c4785b2f1c96683c28b2b','{"format": 1, "id": "xorasncdi2y4dhcm6orx", "kernel_id": "114e6822-7949-435e-bc23-19b89e1328d5", "msg_id": "6cd272247db7489c90973ecbf888bb59", "cell_id": "d0e4ba8f", "execution_count": 3, "operation": "Cell run", "status": "ok", "code": "result = {\n    ''total'': total(amounts),\n    ''step'': step(2),\n    ''row'': row.tolist(),\n    ''zeros'': len(zeros),\n    ''shared'': holder[''shared''] is alias,\n}", "created_at": 1795855758.1715739, "duration": 0.0007862380007281899, "capture_seconds": 0.015224233997287229, "cwd": "@HOME@", "python": {"executable": "@PYTHON@", "version": "3.11.7", "implementation": "cpython", "path": []}, "cell": {"source": "result = {\n    ''total'': total(amounts),\n    ''step'': step(2),\n    ''row'': row.tolist(),\n    ''zeros'': len(zeros),\n    ''shared'': holder[''shared''] is alias,\n}\n", "reads": ["total", "amounts", "step", "row", "zeros", "holder", "alias"], "free": ["total", "amounts", "step", "row", "zeros", "holder", "alias"], "assigns": ["result"], "last": null, "modules": [], "opaque": false, "flags": 0, "syntax_error": false}, "variables": [{"name": "abc", "kind": "module", "type": "module", "size": 219, "preview": "module abc", "shape": null, "declared": null, "schema": null, "example": null, "reason": null}, {"name": "enum", "kind": "module", "type": "module", "size": 220, "preview": "module enum", "shape": null, "declared": null, "schema": null, "example": null, "reason": null}, {"name": "functools", "kind": "module", "type": "module", "size": 225, "preview": "module functools", "shape": null, "declared": null, "schema": null, "example": null, "reason": null}, {"name": "random", "kind": "module", "type": "module", "size": 222, "preview": "module random", "shape": null, "declared": null, "schema": null, "example": null, "reason": null}, {"name": "types", "kind": "module", "type": "module", "size": 221, "preview": "module types", "shape": null, "declared": null, "schema": null, "example": null, "reason": null}, {"name": "typing", "kind": "module", "type": "module", "size": 222, "preview": "module typing", "shape": null, "declared": null, "schema": null, "example": null, "reason": null}, {"name": "weakref", "kind": "module", "type": "module", "size": 223, "preview": "module weakref", "shape": null, "declared": null, "schema": null, "example": null, "reason": null}, {"name": "xml", "kind": "module", "type": "module", "size": 241, "preview": "module xml", "shape": null, "declared": null, "schema": null, "example": null, "reason": null}, {"name": "np", "kind": "module", "type": "module", "size": 224, "preview": "module numpy 2.4.6", "shape": null, "declared": null, "schema": null, "example": null, "reason": null}, {"name": "helpers", "kind": "module", "type": "module", "size": 223, "preview": "module helpers", "shape": null, "declared": null, "schema": null, "example": null, "reason": null}, {"name": "numbers", "kind": "data", "type": "list", "size": 725, "preview": "[1, 2.5, (3+4j), True, None, 1000000000000000000000000000000, -1]", "shape": "7", "declared": null, "schema": null, "example": null, "reason": null}, {"name": "texts", "kind": "data", "type": "dict", "size": 278, "preview": "{''\u00e9'': b''bytes'', ''nested'': [({1, 2}, frozenset({3}))]}", "shape": "2", "declared": null, "schema": null, "example": null, "reason": null}, {"name": "shared", "kind": "data", "type": "list", "size": 725, "preview": "[]", "shape": "0", "declared": "list", "schema": {"type": "array"}, "example": [], "reason": null}, {"name": "alias", "kind": "data", "type": "list", "size": 725, "preview": "[]", "shape": "0", "declared": "list", "schema": {"type": "array"}, "example": [], "reason": null}, {"name": "holder", "kind": "data", "type": "dict", "size": 725, "preview": "{''shared'': [], ''numbers'': [1, 2.5, (3+4j), True, None, 1000000000000000000000000000000, -1]}", "shape": "2", "declared": null, "schema": null, "example": null, "reason": null}, {"name": "weights", "kind": "data", "type": "numpy.ndarray", "size": 406, "preview": "array of float64: 0, 1, 2, 3, 4, 5", "shape": "(2, 3)", "declared": "ndarray", "schema": {"type": "array", "items": {"type": "array", "items": {"type": "number"}}}, "example": [[0.0, 1.0, 2.0], [3.0, 4.0, 5.0]], "reason": null}, {"name": "row", "kind": "data", "type": "numpy.ndarray", "size": 406, "preview": "array of float64: 3, 4, 5", "shape": "(3,)", "declared": "ndarray", "schema": {"type": "array", "items": {"type": "number"}}, "example": [3.0, 4.0, 5.0], "reason": null}, {"name": "zeros", "kind": "data", "type": "numpy.ndarray", "size": 1600236, "preview": "array of float64: 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, \u2026", "shape": "(200000,)", "declared": "ndarray", "schema": {"type": "array", "items": {"type": "number"}}, "example": null, "reason": null}, {"name": "proxy", "kind": "data", "type": "mappingproxy", "size": 278, "preview": "<mappingproxy>", "shape": null, "declared": null, "schema": null, "example": null, "reason": null}, {"name": "cell", "kind": "data", "type": "cell", "size": 725, "preview": "<cell>", "shape": null, "declared": null, "schema": null, "example": null, "reason": null}, {"name": "kept", "kind": "data", "type": "weakref.ReferenceType", "size": 211, "preview": "<weakref.ReferenceType>", "shape": null, "declared": null, "schema": null, "example": null, "reason": null}, {"name": "gone", "kind": "data", "type": "weakref.ReferenceType", "size": 230, "preview": "<weakref.ReferenceType>", "shape": null, "declared": null, "schema": null, "example": null, "reason": null}, {"name": "amounts", "kind": "data", "type": "list", "size": 179, "preview": "[2.0, 4.25]", "shape": "2", "declared": "list", "schema": {"type": "array", "items": {"type": "number"}}, "example": [2.0, 4.25], "reason": null}, {"name": "rates", "kind": "data", "type": "dict", "size": 189, "preview": "{''EUR'': 1.0, ''USD'': 1.25}", "shape": "2", "declared": "dict", "schema": {"type": "object", "properties": {"EUR": {"type": "number"}, "USD": {"type": "number"}}, "required": ["EUR", "USD"]}, "example": {"EUR": 1.0, "USD": 1.25}, "reason": null}, {"name": "Price", "kind": "class", "type": "type", "size": 1457, "preview": "class Price", "shape": null, "declared": null, "schema": null, "example": null, "reason": null}, {"name": "Shape", "kind": "class", "type": "abc.ABCMeta", "size": 627, "preview": "class Shape(abc.ABC)", "shape": null, "declared": null, "schema": null, "example": null, "reason": null}, {"name": "make", "kind": "function", "type": "function", "size": 693, "preview": "def make()", "shape": null, "declared": null, "schema": null, "example": null, "reason": null}, {"name": "color", "kind": "data", "type": "make.<locals>.Color", "size": 838, "preview": "<make.<locals>.Color>", "shape": null, "declared": null, "schema": null, "example": null, "reason": null}, {"name": "counter", "kind": "function", "type": "function", "size": 625, "preview": "def counter(start)", "shape": null, "declared": null, "schema": null, "example": null, "reason": null}, {"name": "step", "kind": "function", "type": "function", "size": 529, "preview": "def step(by)", "shape": null, "declared": null, "schema": null, "example": null, "reason": null}, {"name": "squared", "kind": "function", "type": "functools._lru_cache_wrapper", "size": 517, "preview": "def squared(x)", "shape": null, "declared": null, "schema": null, "example": null, "reason": null}, {"name": "kind", "kind": "function", "type": "function", "size": 667, "preview": "def kind()", "shape": null, "declared": null, "schema": null, "example": null, "reason": null}, {"name": "keep", "kind": "function", "type": "function", "size": 618, "preview": "def keep(items)", "shape": null, "declared": null, "schema": null, "example": null, "reason": null}, {"name": "Dice", "kind": "class", "type": "type", "size": 366, "preview": "class Dice(random.Random)", "shape": null, "declared": null, "schema": null, "example": null, "reason": null}, {"name": "dice", "kind": "data", "type": "Dice", "size": 4036, "preview": "<Dice>", "shape": null, "declared": null, "schema": null, "example": null, "reason": null}, {"name": "Failed", "kind": "class", "type": "type", "size": 750, "preview": "class Failed(Exception)", "shape": null, "declared": null, "schema": null, "example": null, "reason": null}, {"name": "failed", "kind": "data", "type": "Failed", "size": 342, "preview": "<Failed>", "shape": null, "declared": null, "schema": null, "example": null, "reason": null}, {"name": "Point", "kind": "class", "type": "type", "size": 375, "preview": "class Point", "shape": null, "declared": null, "schema": null, "example": null, "reason": null}, {"name": "point", "kind": "data", "type": "Point", "size": 725, "preview": "<Point>", "shape": null, "declared": null, "schema": null, "example": null, "reason": null}, {"name": "price", "kind": "data", "type": "Price", "size": 285, "preview": "<Price>", "shape": null, "declared": null, "schema": null, "example": null, "reason": null}, {"name": "attributes", "kind": "data", "type": "dict", "size": 285, "preview": "{''amount'': 5}", "shape": "1", "declared": "dict", "schema": {"type": "object", "properties": {"amount": {"type": "integer"}}, "required": ["amount"]}, "example": {"amount": 5}, "reason": null}, {"name": "bound", "kind": "function", "type": "method", "size": 725, "preview": "<lambda>(\u2026)", "shape": null, "declared": null, "schema": null, "example": null, "reason": null}, {"name": "dead_method", "kind": "data", "type": "weakref.WeakMethod", "size": 234, "preview": "<weakref.WeakMethod>", "shape": null, "declared": null, "schema": null, "example": null, "reason": null}, {"name": "T", "kind": "data", "type": "typing.TypeVar", "size": 282, "preview": "<typing.TypeVar>", "shape": null, "declared": null, "schema": null, "example": null, "reason": null}, {"name": "total", "kind": "function", "type": "function", "size": 847, "preview": "def total(amounts)", "shape": null, "declared": null, "schema": null, "example": null, "reason": null}, {"name": "result", "kind": "data", "type": "dict", "size": 246, "preview": "{''total'': 5.0, ''step'': 42, ''row'': [3.0, 4.0, 5.0], ''zeros'': 200000, ''shared'': True}", "shape": "5", "declared": "dict", "schema": {"type": "object", "properties": {"total": {"type": "number"}, "step": {"type": "integer"}, "row": {"type": "array", "items": {"type": "number"}}, "zeros": {"type": "integer"}, "shared": {"type": "boolean"}}, "required": ["total", "step", "row", "zeros", "shared"]}, "example": {"total": 5.0, "step": 42, "row": [3.0, 4.0, 5.0], "zeros": 200000, "shared": true}, "reason": null}], "groups": [{"names": ["abc"], "pickle": "62462b546ab09be53b434e65fe40617c42b23119cd92302de89b53260e727b7c", "buffers": [], "size": 219, "uses": [], "modules": ["abc"]}, {"names": ["enum"], "pickle": "b749f1a59441a80d88a5cc39d61711b22e4bd5f3ea68271dd61d984c3632bb4b", "buffers": [], "size": 220, "uses": [], "modules": ["enum"]}, {"names": ["functools"], "pickle": "b4b4753bd83afcb5058e7689e96eee27d344ee92ab72e66a2b8c023f4e368fb5", "buffers": [], "size": 225, "uses": [], "modules": ["functools"]}, {"names": ["random"], "pickle": "35b5b33eeeefcfa121b8f60c207939ac8ee1241c9c18fcc3903b200198108dd0", "buffers": [], "size": 222, "uses": [], "modules": ["random"]}, {"names": ["types"], "pickle": "9350aafa27401f645e8a8d7479603bff45595b59cabc257a525c5d27ffedcbb2", "buffers": [], "size": 221, "uses": [], "modules": ["types"]}, {"names": ["typing"], "pickle": "5f2b3e1ba10f969ee38d75e79ff4c3448368e666e47dc40a678b4c04e080732c", "buffers": [], "size": 222, "uses": [], "modules": ["typing"]}, {"names": ["weakref"], "pickle": "e2506b2458f6bc1d0d3e19a952710a5834baf7509a6099d6a5991452028aac17", "buffers": [], "size": 223, "uses": [], "modules": ["weakref"]}, {"names": ["xml"], "pickle": "088c023832ef5861462c991584cfcaa306bc71172f58ccf81c3684c2cfb82476", "buffers": [], "size": 241, "uses": [], "modules": ["xml"]}, {"names": ["np"], "pickle": "871ae34753c299e781ca5ed6e4d01930584a1e8a033d35b39880e7b99ba19a82", "buffers": [], "size": 224, "uses": [], "modules": ["numpy"]}, {"names": ["helpers"], "pickle": "73dad13692b42475cdb7b60c7fbc19932d7925729ba715b53424cdcbea5970e2", "buffers": [], "size": 223, "uses": [], "modules": ["helpers"]}, {"names": ["rates"], "pickle": "1c4ddb80c78c884fa21ec82c5001bba3a1f06b200ed72b5434cd1ec8447e09a7", "buffers": [], "size": 189, "uses": [], "modules": []}, {"names": ["Price"], "pickle": "0011f5b867550f65298d076b77e20ddcfefa109a2e40ba39227f0435a2478107", "buffers": [], "size": 1457, "uses": ["rates"], "modules": ["functools"]}, {"names": ["Shape"], "pickle": "35c6a65b063d323ab7ef0f7365827e3e594ef0ec84c1a0e0c6895efa34305076", "buffers": [], "size": 627, "uses": [], "modules": ["abc"]}, {"names": ["make"], "pickle": "93872c4c45675bfc752ea3ae7fd7e5e30ede626c76212b6717ece44479a848ae", "buffers": [], "size": 693, "uses": ["__name__", "enum"], "modules": []}, {"names": ["counter"], "pickle": "39176c5cac450954f0e32b80a83a6ae50643a4918a0779b24f03272a7a902385", "buffers": [], "size": 625, "uses": [], "modules": []}, {"names": ["step"], "pickle": "151d14a5358708e04adef3fb5225caeea5d5d84582ffb622ed6ea93931361b31", "buffers": [], "size": 529, "uses": [], "modules": []}, {"names": ["squared"], "pickle": "4c78eeec322270328b863b71b8067401972386fad57b01eb9b6d7b9c33a8dbeb", "buffers": [], "size": 517, "uses": [], "modules": []}, {"names": ["kind"], "pickle": "9985638128812b1e2ededfb764dd3657b174668cf81daf67807a1d82accb1073", "buffers": [], "size": 667, "uses": [], "modules": []}, {"names": ["keep"], "pickle": "752ca86918ad3cff9e0c8c80db3ae38250b9d9d1fda28deb3837ce055a153ed8", "buffers": [], "size": 618, "uses": [], "modules": ["helpers"]}, {"names": ["Dice"], "pickle": "91c05498d9bd756ad6b3abeff2fcb44e10b4530af8b23bb6315bb64fc3c5a5d3", "buffers": [], "size": 366, "uses": [], "modules": ["random"]}, {"names": ["Failed"], "pickle": "5252c98890808cbf852488798ac7295082ccd37bca8d7c448480da61807e328a", "buffers": [], "size": 750, "uses": ["super"], "modules": []}, {"names": ["Point"], "pickle": "0c8b69205f0ef40aa41fede164f4780650fb76f833a63fa868b4f512eba6ab94", "buffers": [], "size": 375, "uses": [], "modules": []}, {"names": ["T"], "pickle": "fe2253eace266380973597ea6f3ea5130d7206974877267e17d4ae84a1535b34", "buffers": [], "size": 282, "uses": [], "modules": ["typing"]}, {"names": ["total"], "pickle": "9aea448096fe5a54ed52b2bf723858c4685233bfa9ad7be0e864acd5359b5ddf", "buffers": [], "size": 847, "uses": ["Price", "helpers", "sum"], "modules": []}, {"names": ["numbers", "shared", "alias", "holder", "cell", "point", "bound"], "pickle": "7ea807f191e1e16574848d2460073372d2fe5775ec259470911e016e24d4b496", "buffers": [], "size": 725, "uses": ["Point"], "modules": []}, {"names": ["texts", "proxy"], "pickle": "03c4fa261c1447b3ad43869d96a831c466f0f875782b8a7ec10d80f325ca95aa", "buffers": [], "size": 278, "uses": [], "modules": []}, {"names": ["weights", "row"], "pickle": "f690c946b716670d88f3bea96a76a9ca11297cb12619592520eccb32b72d6cdd", "buffers": [], "size": 406, "uses": [], "modules": ["numpy"]}, {"names": ["zeros"], "pickle": "11cbdc092df3e47d1baac8ad2595677fd06f1fe226f72f9ae1c929f1ba24b57a", "buffers": ["58e0a2f7c0e88d03332c57054d218a14ea5c2b4a408cc7a5f7780f04298ba981"], "size": 1600236, "uses": [], "modules": ["numpy"]}, {"names": ["kept"], "pickle": "a24f13e7167141933643066d264435010fc79fc41aa7f8e00cfcf87d02939f8c", "buffers": [], "size": 211, "uses": [], "modules": ["weakref"]}, {"names": ["gone"], "pickle": "c64ac3e87ec48d1f359b8696f5c58296cc15d572d504f6316b290d347cf5a915", "buffers": [], "size": 230, "uses": [], "modules": []}, {"names": ["amounts"], "pickle": "973fe0b30d5d85d96e1b57545e454bd569f1a18cd731efa46db0475afdfe4a4c", "buffers": [], "size": 179, "uses": [], "modules": []}, {"names": ["color"], "pickle": "408debc95897c4d01c820d3e3dc3b0dec93b44d8a1995ef4ccc554d069425e1a", "buffers": [], "size": 838, "uses": [], "modules": ["enum"]}, {"names": ["dice"], "pickle": "0eaa287c83f5b2120fb9b8ab535cc47e8fe6c0074aac5ddd2d7a4ca956e9be52", "buffers": [], "size": 4036, "uses": ["Dice"], "modules": []}, {"names": ["failed"], "pickle": "accd433f11694138bddfb7ae8fc3c0798f3ff6d24e6f611c25b2075826c8f353", "buffers": [], "size": 342, "uses": ["Failed"], "modules": []}, {"names": ["price", "attributes"], "pickle": "0f4165ed0759d8b4c26b12c978d43e33bf8de7fc486a73f102ac424ee1f5d900", "buffers": [], "size": 285, "uses": ["Price"], "modules": []}, {"names": ["dead_method"], "pickle": "debc8d30eec6b9f847fda920f3b36ceea81538893721a7163e84e882e0a5e29e", "buffers": [], "size": 234, "uses": [], "modules": []}, {"names": ["result"], "pickle": "81798af89e68143e2763ababd2ea7bf656462d7131aea8a9a87b914c76012679", "buffers": [], "size": 246, "uses": [], "modules": []}, {"names": ["helpers.digits"], "pickle": "5eeee6fffc5dabc664b80d76c727d3a2c8c85e086e18aa967b97d47819e513bd", "buffers": [], "size": 34, "uses": [], "modules": []}], "random": "72fa19458925b7c287c62257462a63586120cf52bbfd9a64a7e057d9fd37442d", "files": [{"module": "helpers", "path": "helpers.py", "blob": "503ee548f59bde25b776bc45a7efd3e6f361cb5ea3052720265dec61941391d4", "edited": false, "changed": []}], "excluded": [], "amends": false}');
CREATE TABLE folders (
	id VARCHAR(32) NOT NULL, 
	name VARCHAR(63) NOT NULL, 
	created_at FLOAT NOT NULL, 
	CONSTRAINT pk_folders PRIMARY KEY (id), 
	CONSTRAINT uq_folders_name UNIQUE (name)
);
INSERT INTO "folders" VALUES('hepnxsn4k6y4arxcmr8i','default',1.79585576001494216921e+09);
CREATE TABLE nodes (
	id VARCHAR(32) NOT NULL, 
	name VARCHAR(63) NOT NULL, 
	type VARCHAR(8) NOT NULL, 
	description TEXT NOT NULL, 
	folder VARCHAR(32) NOT NULL, 
	acl JSON NOT NULL, 
	desired VARCHAR(16) NOT NULL, 
	revision INTEGER NOT NULL, 
	active_revision INTEGER, 
	status VARCHAR(16) NOT NULL, 
	reason TEXT NOT NULL, 
	created_at FLOAT NOT NULL, 
	updated_at FLOAT NOT NULL, 
	created_by VARCHAR(255), 
	CONSTRAINT pk_nodes PRIMARY KEY (id), 
	CONSTRAINT fk_nodes_folder FOREIGN KEY(folder) REFERENCES folders (id), 
	CONSTRAINT uq_nodes_name UNIQUE (name)
);
INSERT INTO "nodes" VALUES('v8b4mjemzc3m1rdt0u87','frozen','cell','','hepnxsn4k6y4arxcmr8i','["hepnxsn4k6y4arxcmr8i"]','running',1,1,'PREPARING','It was stopped together with the Jupyter server, and starts again with it.{"reason": "STOPPED_WITH_SERVER", "template": "It was stopped together with the Jupyter server, and starts again with it.", "metadata": {}}',1.79585576100678467751e+09,1.79585576632305288311e+09,'e952e77c32754f85bf7471cbfa59eecf');
CREATE TABLE revisions (
	node_id VARCHAR(32) NOT NULL, 
	number INTEGER NOT NULL, 
	spec JSON NOT NULL, 
	checkpoint_id VARCHAR(32), 
	bundled BOOLEAN NOT NULL, 
	reason TEXT NOT NULL, 
	created_at FLOAT NOT NULL, 
	CONSTRAINT pk_revisions PRIMARY KEY (node_id, number), 
	CONSTRAINT fk_revisions_node_id FOREIGN KEY(node_id) REFERENCES nodes (id) ON DELETE CASCADE
);
INSERT INTO "revisions" VALUES('v8b4mjemzc3m1rdt0u87',1,'{"cell": {"isolation": "auto", "random_state": "fresh", "workers": null, "concurrency": 1, "timeout": 60.0, "queue": 64, "queue_timeout": null, "memory_limit": null, "response_limit": 16777216, "allow_nan": false, "show_traceback": true, "response": null, "checkpoint": "xorasncdi2y4dhcm6orx", "inputs": [{"name": "amounts", "type": "list", "description": "", "required": true, "schema": {"type": "array", "items": {"type": "number"}}}], "outputs": [{"name": "result", "type": "dict", "description": "", "required": true, "schema": {"type": "object", "properties": {"total": {"type": "number"}, "step": {"type": "integer"}, "row": {"type": "array", "items": {"type": "number"}}, "zeros": {"type": "integer"}, "shared": {"type": "boolean"}}, "required": ["total", "step", "row", "zeros", "shared"]}}], "requirements": ["numpy==2.4.6"], "files": [], "carry": [], "leave_out": [], "image": null, "env": [], "egress": false}, "docker": null, "provisioning": {"configuration": "c1.4", "instances": 1, "zones": [], "maintenance_limit": 1}, "python": "@PYTHON@", "isolation": {"chosen": "request", "reason": "the cell changes ''step'' in place"}}','xorasncdi2y4dhcm6orx',1,'',1.7958557610066697598e+09);
CREATE TABLE secrets (
	name VARCHAR(63) NOT NULL, 
	folder VARCHAR(32) NOT NULL, 
	ciphertext BLOB NOT NULL, 
	created_at FLOAT NOT NULL, 
	updated_at FLOAT NOT NULL, 
	CONSTRAINT fk_secrets_folder FOREIGN KEY(folder) REFERENCES folders (id), 
	CONSTRAINT uq_secrets_folder UNIQUE (folder, name)
);
CREATE TABLE tokens (
	id VARCHAR(32) NOT NULL, 
	folder VARCHAR(32) NOT NULL, 
	description TEXT NOT NULL, 
	created_at FLOAT NOT NULL, 
	expires_at FLOAT NOT NULL, 
	revoked_at FLOAT, 
	CONSTRAINT pk_tokens PRIMARY KEY (id), 
	CONSTRAINT fk_tokens_folder FOREIGN KEY(folder) REFERENCES folders (id)
);
CREATE INDEX ix_checkpoints_created_at ON checkpoints (created_at);
CREATE INDEX ix_checkpoint_blobs_blob ON checkpoint_blobs (blob);
COMMIT;
