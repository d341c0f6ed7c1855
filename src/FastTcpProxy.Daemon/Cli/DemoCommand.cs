using System.CommandLine;
using System.Net.Sockets;
using FastTcpProxy.Control.Texts;
using FastTcpProxy.Daemon.Demo;
using FastTcpProxy.Daemon.Host;
using FastTcpProxy.Engine.Transport;

namespace FastTcpProxy.Daemon.Cli;

/// <summary><c>demo</c>: the real proxy with two upstreams and a client inside the program. Used by the main thread.</summary>
internal static class DemoCommand
{
    /// <summary>Shorter than the default of 5 s, so that the silent primary is not a test of patience.</summary>
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(1);

    public static Command Build()
    {
        DocumentedCommand command = new(
            "demo",
            "Shows the proxy at work, with nothing to set up: two upstreams, the proxy in front of them, a client.",
            """
            fasttcpproxy demo            on a terminal: stays up, and says what to type
            fasttcpproxy demo | cat      runs the tour by itself and exits
            """);
        command.SetAction(_ => Show());
        return command;
    }

    private static int Show()
    {
        try
        {
            using DemoStage stage = new(ConnectTimeout);
            Console.WriteLine($"The proxy listens on {stage.Listen}.");
            Console.WriteLine($"Its upstreams: a, the primary, on {stage.A.Address}, and b on {stage.B.Address}.");
            Console.WriteLine("Its configuration:");
            foreach (string line in stage.ConfigurationText.Split('\n')) Console.WriteLine("   " + line);
            bool terminal = !Console.IsInputRedirected && !Console.IsOutputRedirected;
            bool holds = terminal ? new DemoPrompt(stage, Console.In, Console.Out).Run() : new DemoTour(stage, Console.Out).Run();
            return holds ? ExitCodes.Ok : ExitCodes.Failed;
        }
        catch (Exception e) when (e is SocketException or BindException)
        {
            Console.Error.WriteLine($"error: {OneLine.Escape(e.Message)}");
            return ExitCodes.Failed;
        }
    }
}
