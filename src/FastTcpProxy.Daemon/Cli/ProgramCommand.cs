using System.CommandLine;
using System.CommandLine.Help;
using FastTcpProxy.Control.Texts;
using FastTcpProxy.Daemon.Host;

namespace FastTcpProxy.Daemon.Cli;

/// <summary>The command line as a whole: its commands, and the messages of their failures. Used once, by the main thread.</summary>
internal static class ProgramCommand
{
    /// <summary>
    /// All commands, in the order of the help. Of a line that names one, only that one is built: all of them, with what their texts and
    /// bounds need, would take a fifth of the time in which the proxy starts to serve.
    /// </summary>
    private static readonly NamedCommand[] Commands =
    [
        new("run", RunCommand.Build),
        new("check", _ => CheckCommand.Build()),
        new("doctor", _ => DoctorCommand.Build()),
        new("status", _ => StatusCommand.Build()),
        new("upstream", _ => UpstreamCommand.Build()),
        new("sessions", _ => SessionsCommand.Build()),
        new("block", _ => BlockCommand.BuildBlock()),
        new("allow", _ => BlockCommand.BuildAllow()),
        new("events", _ => EventsCommand.Build()),
        new("verbose", _ => VerboseCommand.Build()),
        new("explain", _ => ExplainCommand.Build()),
        new("config", _ => ConfigCommand.Build()),
        new("reload", _ => ReloadCommand.Build()),
        new("drain", _ => DrainCommand.Build()),
        new("log", _ => LogCommand.Build()),
        new("schema", _ => SchemaCommand.Build()),
        new("header", _ => HeaderCommand.Build()),
        new("completion", _ => CompletionCommand.Build()),
        new("demo", _ => DemoCommand.Build()),
    ];

    /// <summary>Parses and runs. Errors go to standard error in one line each; no exception leaves it.</summary>
    public static int Run(string[] args)
    {
        try
        {
            // Before all else: a signal that comes a moment after the start must find a handler.
            using Termination? signals = args is ["run", ..] ? new Termination() : null;
            if (CompletionQuestion.Of(args) is { } question) return Complete(question);
            NamedCommand[] named = [.. Commands.Where(c => c.Name == args.FirstOrDefault())];
            ParseResult result = Build(named.Length > 0 ? named : Commands, signals).Parse(args);
            if (result.Errors.Count > 0) return UsageErrors.Print(result);
            // The commands handle signals by themselves, and their failures are said below.
            return result.Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null });
        }
        catch (Exception e) when (e is FileNotFoundException or FileLoadException or BadImageFormatException)
        {
            // A file that a command reads is named where it is read: this is one of the program's own, of an installation that broke off.
            TrySay($"error: this program is not complete: {OneLine.Escape(e.Message.Trim())} Install it again");
            return ExitCodes.Failed;
        }
        catch (IOException e)
        {
            // What reads or writes files says which: this is standard output, closed or full.
            TrySay($"error: standard output: {OneLine.Escape(e.Message)}");
            return ExitCodes.Failed;
        }
        catch (Exception e)
        {
            TrySay($"error: {OneLine.Escape(e.Message)} ({e.GetType().Name}: a defect of this program, please report it)");
            return ExitCodes.Failed;
        }
    }

    private static int Complete(CompletionQuestion question)
    {
        using StringWriter completions = new();
        int code = Build(null).Parse(question.Arguments).Invoke(
            new InvocationConfiguration { EnableDefaultExceptionHandler = false, Output = completions });
        Console.Out.Write(question.Answer(completions.ToString()));
        return code;
    }

    private const string Examples =
        """
        fasttcpproxy demo                                     see it work, with nothing to set up
        fasttcpproxy check --config proxy.json                is this configuration right?
        fasttcpproxy doctor --config proxy.json               what of this machine and the upstreams will hurt?
        fasttcpproxy run --config proxy.json                  serve in the foreground
        fasttcpproxy status                                   which upstreams serve and why, what their checks say
        fasttcpproxy upstream disable mail primary --for 30m  take one out; upstream enable puts it back
        fasttcpproxy upstream order mail secondary            try this one first
        fasttcpproxy explain --service mail --from 192.0.2.7  what would happen to this client now
        fasttcpproxy sessions list --service mail             each client and its upstream
        fasttcpproxy block add 192.0.2.7 --for 1h             deny this client; allow add lets one in
        fasttcpproxy events --follow                          what happens now; --since 10m: what happened
        fasttcpproxy reload                                   read the configuration again, all or nothing
        fasttcpproxy schema > fasttcpproxy.schema.json        completion and checks for your editor
        source <(fasttcpproxy completion bash)                completion for your shell
        fasttcpproxy header encode --source 192.0.2.1:1234 --destination 198.51.100.1:25 | fasttcpproxy header decode

        Exit codes: 0 ok, 1 failed (doctor: something will hurt), 2 wrong command line, 3 not ready (status; check --machine where run would fail on this machine; upstream drain --wait when sessions are left), 4 degraded (status: clients are sent to upstreams that are all down).
        Signals of run: SIGTERM or SIGINT drains and exits 0, a second one (after half a second) ends at once and exits 1, SIGHUP opens the session log again and reloads.
        """;

    /// <summary>The exit code says it too: standard error may be as full or as closed as standard output.</summary>
    private static void TrySay(string line)
    {
        try
        {
            Console.Error.WriteLine(line);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // No reader is left.
        }
    }

    /// <summary>With all commands.</summary>
    internal static RootCommand Build(Termination? signals) => Build(Commands, signals);

    private static RootCommand Build(NamedCommand[] commands, Termination? signals)
    {
        RootCommand root =
            new("A layer-4 reverse TCP proxy with ordered failover that tells its upstreams who the client is (PROXY protocol v1 and v2).");
        foreach (NamedCommand command in commands) root.Add(command.Build(signals));
        VersionOption version = root.Options.OfType<VersionOption>().Single();
        version.Description = "Show the version, its commit, and the runtime.";
        version.Action = new VersionLines();
        HelpOption help = root.Options.OfType<HelpOption>().Single();
        // Those of another system: here they are paths.
        help.Aliases.Remove("/?");
        help.Aliases.Remove("/h");
        help.Action = new HelpWithExamples((HelpAction)help.Action!, Examples);
        return root;
    }

    /// <param name="Name">As it is typed.</param>
    /// <param name="Build">Makes it; of the signals, if they are taken already.</param>
    private sealed record NamedCommand(string Name, Func<Termination?, Command> Build);
}
