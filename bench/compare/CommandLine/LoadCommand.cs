using System.CommandLine;
using System.Text.Json;
using FastTcpProxy.Compare.Load;
using FastTcpProxy.Compare.Machine;

namespace FastTcpProxy.Compare.CommandLine;

/// <summary>
/// The hidden command <c>load</c>: one load process. It prints one line of JSON, a <see cref="LoadResult"/>; what is wrong goes to standard
/// error. Used by the main thread.
/// </summary>
internal static class LoadCommand
{
    public static Command Build()
    {
        Option<LoadKind> kind = new("--kind") { Required = true };
        Option<HeaderKind> header = new("--header");
        Option<int> proxyPort = new("--proxy-port") { Required = true }, backendPort = new("--backend-port") { Required = true };
        Option<int> connections = new("--connections") { DefaultValueFactory = _ => 64 };
        Option<int> messageBytes = new("--message-bytes") { DefaultValueFactory = _ => 100 };
        Option<double> warmUp = new("--warm-up"), rate = new("--rate");
        Option<double> seconds = new("--seconds") { DefaultValueFactory = _ => 1 };
        Option<int[]> pids = new("--pids")
        {
            CustomParser = result => [.. result.Tokens[0].Value.Split(',').Select(text => int.TryParse(text, out int pid) ? pid : 0)],
        };
        Option<bool> spin = new("--spin"), barrier = new("--barrier");
        messageBytes.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() is < 1 or > LoadOptions.MessageBytesMax)
                result.AddError($"--message-bytes: expected 1 to {LoadOptions.MessageBytesMax}");
        });
        Command command = new("load", "One load process: clients and backend in one loop.")
        {
            kind, header, proxyPort, backendPort, connections, messageBytes, warmUp, rate, seconds, pids, spin, barrier,
        };
        command.Hidden = true;
        command.SetAction(result => Run(new LoadOptions
        {
            Kind = result.GetValue(kind),
            Header = result.GetValue(header),
            ProxyPort = result.GetValue(proxyPort),
            BackendPort = result.GetValue(backendPort),
            Connections = result.GetValue(connections),
            MessageBytes = result.GetValue(messageBytes),
            WarmUpSeconds = result.GetValue(warmUp),
            Rate = result.GetValue(rate),
            Seconds = result.GetValue(seconds),
            ProxyProcesses = result.GetValue(pids) ?? [],
            Spin = result.GetValue(spin),
            Barrier = result.GetValue(barrier),
        }));
        return command;
    }

    private static int Run(LoadOptions options)
    {
        // A harness that dies leaves no load behind; and the kernel may not round a wait up by its usual 50 us.
        _ = Libc.prctl(Libc.PrSetDeathSignal, Libc.SigKill, 0, 0, 0);
        _ = Libc.prctl(Libc.PrSetTimerSlack, 1, 0, 0, 0);
        DescriptorLimit.Raise();
        try
        {
            using LoadLoop loop = new(options, Console.Out);
            loop.Listen();
            if (options.Barrier)
            {
                Console.Out.WriteLine("ready");
                Console.Out.Flush();
                if (Console.In.ReadLine() is null) return ExitCodes.Failed;
            }
            LoadResult result = loop.Run();
            Console.Out.WriteLine(JsonSerializer.Serialize(result, LoadJson.Default.LoadResult));
            return ExitCodes.Ok;
        }
        catch (LoadException e)
        {
            Console.Error.WriteLine(e.Message);
            return ExitCodes.Failed;
        }
    }
}
