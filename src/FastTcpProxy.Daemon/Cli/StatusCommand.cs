using System.CommandLine;
using FastTcpProxy.Control.Texts;
using FastTcpProxy.Daemon.Cli.Client;
using FastTcpProxy.Daemon.Cli.Display;
using FastTcpProxy.Daemon.Host;
using FastTcpProxy.Daemon.Protocol;

namespace FastTcpProxy.Daemon.Cli;

/// <summary><c>status</c>: the state of the running proxy and its upstreams. Used by the main thread.</summary>
internal static class StatusCommand
{
    private const int WatchSeconds = 2, WatchSecondsMax = 3600;

    public static Command Build()
    {
        Option<bool> brief = new("--brief") { Description = "One line for each service, the worst first, in 80 columns." };
        Option<int?> watch = new("--watch")
        {
            Description = $"Ask again and again until Ctrl+C, each {WatchSeconds} s or as many seconds as given; in place on a terminal.",
            HelpName = "SECONDS",
            Arity = ArgumentArity.ZeroOrOne,
        };
        watch.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: var text }] && !(int.TryParse(text, out int seconds) && seconds is >= 1 and <= WatchSecondsMax))
                result.AddError($"--watch is \"{text}\", expected seconds from 1 to {WatchSecondsMax}");
        });
        DocumentedCommand command = new(
            "status",
            "Asks the running proxy which upstreams serve and why, what operators have set, and what checks found. "
            + "Exits 3 when clients of a service are refused, and 4 when all its upstreams are down and are tried nevertheless.",
            """
            fasttcpproxy status
            fasttcpproxy status --brief                    one line for each service, the worst first
            fasttcpproxy status --watch                    again each 2 s, in place, until Ctrl+C
            fasttcpproxy status --socket /run/mail-proxy/admin.sock
            fasttcpproxy status --url https://proxy.example:9470 --token-file admin.token
            fasttcpproxy status --generation 4711          an earlier process that still drains
            fasttcpproxy status --json | jq '.services[].upstreams[] | select(.serving | not).name'
            """)
        { brief, watch };
        AdminOptions.Attach(command, (result, operation) =>
        {
            bool isBrief = result.GetValue(brief);
            if (result.GetResult(watch) is null) return ShowAsync(operation, isBrief);
            TimeSpan interval = TimeSpan.FromSeconds(result.GetValue(watch) ?? WatchSeconds);
            return new StatusWatch(operation, interval, (answer, status) => Draw(operation, answer, status, isBrief)).RunAsync();
        });
        return command;
    }

    private static async Task<int> ShowAsync(AdminOperation operation, bool isBrief)
    {
        AdminAnswer answer = await operation.Client.GetAsync(AdminPaths.Status);
        StatusDocument status = answer.Read(DocumentContext.Default.StatusDocument, "status");
        string text = Draw(operation, answer, status, isBrief);
        Console.Out.Write(text);
        // The worst stands first, where a screen that is too low no longer shows it.
        if (!operation.IsJson && !Console.IsOutputRedirected && text.Count(c => c == '\n') >= Console.WindowHeight)
        {
            string rest = isBrief ? "" : ", and --brief has one line for each";
            string all = Folded.Of($"{BriefText.Summary(status)}; the worst are above{rest}", Screen.OfStandardOutput().Width);
            foreach (string line in all.Split('\n')) operation.Say(line);
        }
        if (!status.Ready) return ExitCodes.NotReady;
        return status.Readiness == "degraded" ? ExitCodes.Degraded : ExitCodes.Ok;
    }

    private static string Draw(AdminOperation operation, AdminAnswer answer, StatusDocument status, bool isBrief) =>
        operation.IsJson ? JsonText.Escape(answer.Body)
        : isBrief ? BriefText.Of(status, DateTime.UtcNow, Screen.OfStandardOutput().Width)
        : StatusText.Table(status, Screen.OfStandardOutput(), DateTime.UtcNow);
}
