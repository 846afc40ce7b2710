import pytest

from jupyter_node_deploy.checkpoints.provisioner import hash_seed, takes_agent


@pytest.mark.parametrize(
    "command",
    [
        ["python", "-m", "ipykernel_launcher", "-f", "file"],
        ["/usr/bin/python3", "-Xfrozen_modules=off", "-m", "ipykernel", "-f", "file"],
        ["python", "-W", "ignore", "-m", "ipykernel.kernelapp", "-f", "file"],
        ["conda", "run", "-n", "ENV", "--no-capture-output", "python", "-m", "ipykernel_launcher"],
        ["python", "/x/ipykernel_launcher.py", "-f", "file"],
    ],
)
def test_ipykernels_take_the_agent(command):
    assert takes_agent(command)


@pytest.mark.parametrize(
    "command",
    [
        ["python", "-m", "bash_kernel", "-f", "file"],
        ["xpython", "-f", "file"],
        ["ir", "--slave", "-e", "IRkernel::main()"],
        ["bash", "-c", "exec python -m ipykernel_launcher -f file"],
        ["python", "-I", "-m", "ipykernel_launcher", "-f", "file"],
        ["python", "-sE", "-m", "ipykernel_launcher", "-f", "file"],
        [],
    ],
)
def test_others_do_not(command):
    assert not takes_agent(command)


@pytest.mark.parametrize(("given", "seed"), [("17", 17), ("0", 0), ("4294967295", 4294967295)])
def test_a_hash_seed_that_the_user_has_set_stays(given, seed):
    assert hash_seed({"PYTHONHASHSEED": given}) == seed


@pytest.mark.parametrize("env", [{}, {"PYTHONHASHSEED": "random"}, {"PYTHONHASHSEED": ""}])
def test_others_get_a_random_one_that_python_takes(env):
    seeds = {hash_seed(env) for _ in range(100)}
    assert len(seeds) > 90
    assert min(seeds) > 0
    assert max(seeds) < 2**32
