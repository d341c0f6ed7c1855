using System.CommandLine;
using System.Runtime.ExceptionServices;
using FastTcpProxy.Control.Configuration.Model;
using FastTcpProxy.Daemon.Host;
using FastTcpProxy.Daemon.Serving;
using FastTcpProxy.Engine;
using FastTcpProxy.Engine.Background;

namespace FastTcpProxy.Daemon.Cli;

/// <summary><c>run --config FILE</c>: the proxy in the foreground. Used by the main thread.</summary>
internal static class RunCommand
{
    /// <param name="signals">Taken already; null: they are taken when the command runs.</param>
    public static Command Build(Termination? signals)
    {
        Option<string> config = ConfigurationFileOption.Build();
        Option<int?> threads = new("--threads")
        {
            Description = $"Socket threads, 1 to {ConfigurationLimits.ThreadsMax}; by default engine.threads of the file, or one per core.",
            HelpName = "N",
            CustomParser = OptionValues.WholeNumber(1, ConfigurationLimits.ThreadsMax),
        };
        Option<string?> format = new("--log-format")
        {
            Description = "The session log on standard output: json, tcplog, tcplog-id or none; by default log.format, or json.",
            HelpName = "FORMAT",
        };
        OptionValues.Restrict(format, "json", "tcplog", "tcplog-id", "none");
        Option<bool> takeOver = new("--take-over")
        {
            Description = "Take the listening sockets from the process that serves now (at the same admin.socket). "
                + "That process then drains and exits; no client notices.",
        };
        DocumentedCommand command = new(
            "run",
            "Serves in the foreground. Prints one line per closed session on standard output, "
            + "and messages for the operator on standard error.",
            """
            fasttcpproxy run --config proxy.json
            fasttcpproxy run --config proxy.json --log-format tcplog --threads 2 >> sessions.log
            fasttcpproxy run --config proxy.json --take-over
            """)
        { config, threads, format, takeOver };
        command.SetAction(result => Run(new StartOptions(result.GetRequiredValue(config), result.GetValue(threads),
            ToFormat(result.GetValue(format)), result.GetValue(takeOver)), signals));
        return command;
    }

    private static int Run(StartOptions options, Termination? signals)
    {
        using Termination termination = signals ?? new Termination();
        if (ConfigurationFileOption.Load(options.ConfigurationFile, out byte[] text) is not { } configuration) return ExitCodes.Failed;
        configuration = options.Apply(configuration);
        // Before anything makes a socket: the runtime reads it then, once.
        SocketRuntime.Configure(configuration.Engine.Threads);
        LoadedConfiguration loaded = new(configuration, text, options.ConfigurationFile, "the start", TimeProvider.System.GetUtcNow());
        BackgroundWork background = new();
        // The last net, for what libraries do on their own threads: counted and reported, and the process continues.
        ExceptionHandling.SetUnhandledExceptionHandler(fault =>
        {
            background.Note("a thread of a library", fault);
            return true;
        });
        return ProxyHost.RunAsync(loaded, options, background, termination).GetAwaiter().GetResult();
    }

    private static LogFormatSetting? ToFormat(string? text) => text switch
    {
        "json" => LogFormatSetting.Json,
        "tcplog" => LogFormatSetting.Tcplog,
        "tcplog-id" => LogFormatSetting.TcplogId,
        "none" => LogFormatSetting.None,
        _ => null,
    };
}
