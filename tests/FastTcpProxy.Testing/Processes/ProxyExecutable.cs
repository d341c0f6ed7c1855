using System.Runtime.InteropServices;

namespace FastTcpProxy.Testing.Processes;

/// <summary>
/// Finds the built program that belongs to the running tests: same repository, same build configuration. Immutable; any thread.
/// </summary>
public static class ProxyExecutable
{
    private const string Solution = "FastTcpProxy.sln";

    /// <summary>The repository's top folder: the nearest above the test assembly that holds the solution.</summary>
    /// <exception cref="InvalidOperationException">There is none.</exception>
    public static string RepositoryRoot
    {
        get
        {
            for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            {
                if (File.Exists(Path.Combine(folder.FullName, Solution)))
                    return folder.FullName;
            }
            throw new InvalidOperationException($"no folder above {AppContext.BaseDirectory} holds {Solution}");
        }
    }

    /// <summary>The path of fasttcpproxy.</summary>
    /// <exception cref="InvalidOperationException">It has not been built in this configuration; the text says how to.</exception>
    public static string FilePath
    {
        get
        {
            // The tests lie in tests/PROJECT/bin/CONFIGURATION/net10.0: the program lies in the same places of its own project.
            var output = new DirectoryInfo(AppContext.BaseDirectory);
            var configuration = output.Parent!.Name;
            var path = Path.Combine(
                RepositoryRoot, "src", "FastTcpProxy.Daemon", "bin", configuration, output.Name, "fasttcpproxy");
            return File.Exists(path)
                ? path
                : throw new InvalidOperationException(
                    $"{path} is not there: build it with `dotnet build -c {configuration} {Solution}` before these tests are run.");
        }
    }

    /// <summary>
    /// What the program needs to find the runtime that runs the tests, when that one is not installed where programs look by themselves.
    /// </summary>
    public static IReadOnlyDictionary<string, string?> Environment { get; } = new Dictionary<string, string?>
    {
        ["DOTNET_ROOT"] = System.Environment.GetEnvironmentVariable("DOTNET_ROOT")
            ?? Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..")),
    };

    /// <summary>Runs the program to its end, for the commands that have one (check, header, schema, a run that is refused).</summary>
    public static Task<ProcessResult> RunAsync(string[] arguments, string? input = null, TimeSpan? within = null) =>
        ChildProcess.RunAsync(FilePath, arguments, input, Environment, within);
}
