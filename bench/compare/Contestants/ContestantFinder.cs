using System.Diagnostics;
using System.Text.RegularExpressions;

namespace FastTcpProxy.Compare.Contestants;

/// <summary>Finds the programs: builds of the repository or of the user's, and what the machine has installed. Used at the start.</summary>
internal static partial class ContestantFinder
{
    public const string OursName = "ours", HAProxyName = "haproxy", SpliceName = "haproxy-splice", NginxName = "nginx", NaiveName = "naive";

    public static readonly string[] PeerNames = [HAProxyName, SpliceName, NginxName, NaiveName];

    private static readonly TimeSpan VersionTimeout = TimeSpan.FromSeconds(10);

    /// <summary>The repository's top folder; null when this program lies outside of one.</summary>
    public static string? Repository
    {
        get
        {
            for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            {
                if (File.Exists(Path.Combine(folder.FullName, "FastTcpProxy.sln"))) return folder.FullName;
            }
            return null;
        }
    }

    /// <summary>The builds that are compared, or the repository's own when none is named.</summary>
    /// <param name="builds">NAME and PATH each.</param>
    /// <exception cref="ContestantException">There is no such program; the text says how to build it.</exception>
    public static IEnumerable<Contestant> FindBuilds(IReadOnlyList<(string Name, string Path)> builds)
    {
        if (builds.Count == 0)
        {
            string path = BuiltPath(Path.Combine("src", "FastTcpProxy.Daemon"), "fasttcpproxy")
                ?? throw new ContestantException(
                    $"{OursName}: fasttcpproxy has not been built here: dotnet build -c Release FastTcpProxy.sln, "
                    + "or name a build with --build NAME=PATH");
            builds = [(OursName, path)];
        }
        foreach ((string name, string path) in builds)
        {
            string full = Path.GetFullPath(path);
            if (Directory.Exists(full)) full = Path.Combine(full, "fasttcpproxy");
            if (!File.Exists(full)) throw new ContestantException($"{name}: there is no program at {full}");
            bool justInTime = IsJustInTime(full);
            string version =
                $"{Ask(name, full, "--version", Any())} ({(justInTime ? "just" : "ahead")}-{(justInTime ? "in" : "of")}-time build)";
            yield return new(name, ContestantKind.FastTcpProxy, full, version, justInTime);
        }
    }

    /// <summary>A peer; null when it is not there, and the reason then.</summary>
    /// <param name="name">One of <see cref="PeerNames"/>.</param>
    public static Contestant? FindPeer(string name, out AbsentContestant? absent)
    {
        absent = null;
        switch (name)
        {
            case NaiveName when BuiltPath(Path.Combine("bench", "naive"), "naiveproxy") is { } path:
                return new(name, ContestantKind.Naive, path, $"async/await on .NET {Environment.Version}", IsJustInTime: true);
            case NaiveName:
                absent = new(name, "it has not been built here: dotnet build -c Release bench/naive");
                return null;
            case NginxName when Installed("nginx") is { } path && File.Exists(Configurations.NginxModule):
                return new(name, ContestantKind.Nginx, path, Ask(name, path, "-v", Version()), IsJustInTime: false);
            case NginxName:
                absent = new(name,
                    $"no nginx in PATH with {Configurations.NginxModule} (Debian: apt-get install nginx libnginx-mod-stream)");
                return null;
            default:
                if (Installed("haproxy") is { } haproxy)
                {
                    ContestantKind kind = name == SpliceName ? ContestantKind.HAProxySplice : ContestantKind.HAProxy;
                    return new(name, kind, haproxy, Ask(name, haproxy, "-v", Version()), IsJustInTime: false);
                }
                absent = new(name, "no haproxy in PATH (Debian: apt-get install haproxy)");
                return null;
        }
    }

    /// <summary>A program that is compiled ahead of time has no assembly beside it.</summary>
    private static bool IsJustInTime(string path) =>
        path.EndsWith(".dll", StringComparison.Ordinal) || File.Exists(Path.ChangeExtension(path, null) + ".dll");

    /// <summary>A program of the repository, of the same build configuration as this one.</summary>
    private static string? BuiltPath(string project, string program)
    {
        if (Repository is not { } root) return null;
        DirectoryInfo output = new(AppContext.BaseDirectory.TrimEnd('/'));
        string path = Path.Combine(root, project, "bin", output.Parent!.Name, output.Name, program);
        return File.Exists(path) ? path : null;
    }

    private static string? Installed(string program)
    {
        // Daemons lie where a user's PATH often does not lead.
        IEnumerable<string> folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries);
        return folders.Concat(["/usr/local/sbin", "/usr/sbin", "/sbin"]).Select(folder => Path.Combine(folder, program))
            .FirstOrDefault(File.Exists);
    }

    private static string Ask(string name, string path, string option, Regex wanted)
    {
        (string program, string[] arguments) = Command(path, option);
        try
        {
            ProcessStartInfo info = new(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
            using Process process = Process.Start(info)!;
            Task<string> error = process.StandardError.ReadToEndAsync();
            Task<string> output = process.StandardOutput.ReadToEndAsync();
            if (!Task.WaitAll([error, output], VersionTimeout))
            {
                process.Kill();
                throw new ContestantException($"{name}: {path} {option} does not end");
            }
            Match match = wanted.Match(output.Result + error.Result);
            return match.Success ? match.Groups[1].Value.Trim() : "unknown version";
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            throw new ContestantException($"{name}: {path} cannot be started: {e.Message}");
        }
    }

    /// <summary>How a program is run: an assembly by <c>dotnet</c>.</summary>
    public static (string Program, string[] Arguments) Command(string path, params string[] arguments) =>
        path.EndsWith(".dll", StringComparison.Ordinal) ? ("dotnet", [path, .. arguments]) : (path, arguments);

    [GeneratedRegex(@"^\s*(\S[^\n]*)")]
    private static partial Regex Any();

    [GeneratedRegex(@"(?:version:?\s+(?:nginx/)?)([0-9][^\s]*)", RegexOptions.IgnoreCase)]
    private static partial Regex Version();
}
