using System.Text;

namespace FastTcpProxy.Daemon.Tests.Operations;

/// <summary>The README's steps as a script of bash that stops at the first step that fails. Pure, any thread.</summary>
internal static class ReadmeScript
{
    private const string Built = "src/FastTcpProxy.Daemon/bin/Release/net10.0/fasttcpproxy";

    /// <summary>Commands that are not run here, by their beginning, and why.</summary>
    public static IReadOnlyDictionary<string, string> NotRun { get; } = new Dictionary<string, string>
    {
        ["dotnet build -c Release src/FastTcpProxy.Daemon"] = "this test belongs to that build, whose output stands where the README says",
        ["dotnet test -c Release FastTcpProxy.sln"] = "it would run this test",
        ["dotnet run -c Release --project loadtest/"] = "it takes minutes, and has tests of its own",
        ["dotnet run -c Release --project bench/"] = "it takes minutes, and has tests of its own",
        ["sudo systemctl "] = "there is no service manager here: UnitFileTests verify the units, ServiceManagerRunTests run them",
    };

    /// <summary>Commands in whose place another one gives the same result from the build that these tests belong to.</summary>
    private static readonly Dictionary<string, string> Instead = new()
    {
        ["dotnet run -c Release --project src/FastTcpProxy.Daemon -- demo"] = $"{Built} demo",
        // PublishTests run the real one.
        ["dotnet publish -c Release -r linux-x64 src/FastTcpProxy.Daemon -o out"] = $"mkdir out && cp {Built} out/",
    };

    private const string Begin =
        """
        set -euo pipefail
        shopt -s expand_aliases
        eventually() { for _ in $(seq 300); do if "$@"; then return 0; fi; sleep 0.1; done; echo "in vain: $*"; cat run*.log; return 1; }
        pid() { $PROGRAM status --json 2>/dev/null | sed -E 's/.*"pid":([0-9]+).*/\1/'; }
        is_other() { local now; now=$(pid) && [[ -n $now && $now != "$1" ]]; }
        ended() { [[ -z $(jobs -pr) ]]; }
        trap 'kill $(jobs -p) 2>/dev/null || true' EXIT
        """;

    public static string Of(IEnumerable<ReadmeStep> steps)
    {
        StringBuilder script = new();
        script.AppendLine(Begin);
        int runs = 0;
        foreach (ReadmeStep step in steps)
        {
            if (step.Configuration is { } text)
            {
                script.AppendLine($"cat > {step.File} <<'END'\n{text}\nEND");
                continue;
            }
            string command = step.Command!;
            script.AppendLine($"echo '+ {command.Replace("'", "'\\''", StringComparison.Ordinal)}'");
            if (NotRun.Keys.Any(start => command.StartsWith(start, StringComparison.Ordinal))) continue;
            foreach ((string printed, string instead) in Instead)
                command = command.Replace(printed, instead, StringComparison.Ordinal);
            if (command.StartsWith("fasttcpproxy run ", StringComparison.Ordinal)) AppendRun(script, command, ++runs);
            else if (command.StartsWith("fasttcpproxy status --watch", StringComparison.Ordinal))
                // Ctrl+C after a while; it then exits with 0, as status does of a proxy whose upstreams are not checked.
                script.AppendLine($"timeout --preserve-status -s INT 3 $PROGRAM{command["fasttcpproxy".Length..]}");
            else if (command.StartsWith("for ", StringComparison.Ordinal))
                // Clients of an attack: some of them are refused, as the page says.
                script.AppendLine($"(set +e +o pipefail; {command}; true)");
            else if (command.StartsWith("fasttcpproxy doctor ", StringComparison.Ordinal))
                // It says that the upstreams of the example do not answer.
                script.AppendLine(command.Split('#')[0] + "|| [[ $? == 1 ]]");
            else script.AppendLine(command);
            // A person looks at the other terminal before the next command.
            if (command.StartsWith("fasttcpproxy drain ", StringComparison.Ordinal)) script.AppendLine("eventually ended");
        }
        return script.ToString();
    }

    private static void AppendRun(StringBuilder script, string command, int number)
    {
        string[] parts = command.Split('#', 2);
        string typed = parts[0].TrimEnd(), log = $"run{number}.log";
        if (typed.EndsWith('&') && typed.Contains("--take-over", StringComparison.Ordinal))
        {
            script.AppendLine("before=$(pid)");
            script.AppendLine(typed.TrimEnd('&') + $">{log} 2>&1 &");
            script.AppendLine("eventually is_other \"$before\"");
            return;
        }
        // The first terminal.
        script.AppendLine($"{typed.TrimEnd('&', ' ')} >{log} 2>&1 &");
        script.AppendLine($"eventually grep -q ' ready: ' {log}");
        // A shell without a terminal ignores SIGINT for its jobs, and its jobs do so too.
        if (parts.Length > 1 && parts[1].Contains("Ctrl+C", StringComparison.Ordinal)) script.AppendLine("kill -TERM $!; wait $!");
    }
}
