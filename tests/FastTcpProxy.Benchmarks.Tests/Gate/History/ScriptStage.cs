using FastTcpProxy.Testing.Processes;

namespace FastTcpProxy.Benchmarks.Tests.Gate.History;

/// <summary>
/// A repository of two commits with bench/regression.sh in it, where "dotnet" and the measuring half of the gate are shell scripts that end
/// as a variable tells them. The half that keeps the history is the real one. One test uses it; dispose deletes it.
/// </summary>
internal sealed class ScriptStage : IDisposable
{
    public const string Budgets = "bench/FastTcpProxy.Benchmarks", LoadTest = "loadtest/FastTcpProxy.LoadTest";

    private const string GateStub =
        """
        #!/bin/sh
        if [ "$1" = history ]; then exec "$REAL_GATE" "$@"; fi
        printf '%s\n' "$@" >"$STAGE/gate-arguments"
        while [ "$1" != --json ]; do shift; done
        [ "${GATE_CODE:-0}" -eq 1 ] || printf '{"base":"a","head":"b","machine":{"cpuModel":"x","cpus":2,"kernel":"k","runtime":"r"},"loadAverage":0,"options":{},"starvedRounds":0,"verdicts":[{"figure":"calls","kind":"Exact","base":25,"head":26,"change":1,"limit":0.3,"samples":3,"isRegression":true}]}' >"$2"
        exit "${GATE_CODE:-0}"
        """;

    private const string DotnetStub =
        """
        #!/bin/sh
        case "$*" in
          build*/loadtest/*) exit "${LOAD_BUILD_CODE:-0}" ;;
          build*) exit 0 ;;
          *--check-allocations*) exit "${ALLOCATIONS_CODE:-0}" ;;
        esac
        printf '%s\n' "$*" >>"$STAGE/load-arguments"
        tree=head
        case "$*" in */base/loadtest/*) tree=base ;; esac
        while [ "$1" != --report ]; do shift; done
        printf '{"phases":[{"series":"clients","phase":"all","p99Ms":12,"errors":0}]}' >"$2/report.json"
        if [ $tree = base ]; then exit "${BASE_LOAD_CODE:-0}"; else exit "${LOAD_CODE:-0}"; fi
        """;

    private readonly TempFolder _folder = new("script");

    private ScriptStage()
    {
    }

    /// <summary>The folder that all lies in; the repository is "repository" in it.</summary>
    public TempFolder Folder => _folder;

    public string HistoryFile => _folder["history/history.jsonl"];

    public string FailedFile => _folder["history/failed.jsonl"];

    public string BaselineFile => _folder["history/baseline.json"];

    public string Output => _folder["output"];

    public static async Task<ScriptStage> CreateAsync()
    {
        ScriptStage stage = new();
        foreach (string project in new[] { Budgets, LoadTest }) stage._folder.Write($"repository/{project}/A.csproj", "<Project/>");
        Directory.CreateDirectory(stage._folder["repository/bench"]);
        File.Copy(Path.Combine(ProxyExecutable.RepositoryRoot, "bench/regression.sh"), stage._folder["repository/bench/regression.sh"]);
        await stage.GitAsync("init", "-q");
        await stage.GitAsync("add", "-A");
        await stage.GitAsync("commit", "-qm", "the first");
        await stage.GitAsync("commit", "-qm", "the second", "--allow-empty");
        stage.WriteProgram("repository/bench/gate/bin/Release/net10.0/fasttcpproxy-gate", GateStub);
        stage.WriteProgram("programs/dotnet", DotnetStub);
        return stage;
    }

    public async Task GitAsync(params string[] arguments)
    {
        ProcessResult result = await ChildProcess.RunAsync("git",
            ["-C", _folder["repository"], "-c", "user.name=a", "-c", "user.email=a@example.com", .. arguments]);
        Assert.True(result.ExitCode == 0, result.Error);
    }

    /// <summary>Runs the script with its output and history in the stage.</summary>
    /// <param name="variables">"NAME=VALUE", separated by spaces: how the stubs are to end.</param>
    public Task<ProcessResult> RunAsync(string variables, params string[] arguments)
    {
        Dictionary<string, string?> environment = new(ProxyExecutable.Environment)
        {
            ["PATH"] = _folder["programs"] + ":" + Environment.GetEnvironmentVariable("PATH"),
            ["REAL_GATE"] = Path.Combine(AppContext.BaseDirectory, "fasttcpproxy-gate"),
            ["STAGE"] = _folder.Path,
        };
        foreach (string variable in variables.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            environment[variable.Split('=')[0]] = variable.Split('=')[1];
        // The script looks for the repository where it is run.
        string[] command = ["-c", "cd \"$1\" && shift && exec bench/regression.sh \"$@\"", "sh", _folder["repository"], "--output", Output,
            "--history", _folder["history"], .. arguments];
        return ChildProcess.RunAsync("/bin/sh", command, environment: environment);
    }

    public void Dispose() => _folder.Dispose();

    private void WriteProgram(string name, string text)
    {
        string path = _folder.Write(name, text + "\n");
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }
}
