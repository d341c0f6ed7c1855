using System.Net;
using System.Text.Json;
using FastTcpProxy.Testing.Net;

namespace FastTcpProxy.Testing.Processes;

/// <summary>
/// The real program, `fasttcpproxy run`, as a user starts it, with its configuration in a folder of its own.
/// Any thread may use it. It owns the process and the folder; dispose kills the one and deletes the other.
/// </summary>
public sealed class ProxyProcess : IDisposable
{
    private static readonly JsonDocumentOptions ConfigurationSyntax = new()
    {
        CommentHandling = JsonCommentHandling.Skip,
        AllowTrailingCommas = true,
    };

    /// <summary>The event "ready" of the operational log, which follows when it listens on every address.</summary>
    private const string ReadyEvent = " 1002 ";

    private readonly TempFolder _folder;

    private ProxyProcess(TempFolder folder, ChildProcess child)
    {
        _folder = folder;
        Child = child;
    }

    /// <summary>The process: its signals, its output, its descriptors and memory.</summary>
    public ChildProcess Child { get; }

    /// <summary>The configuration file, which a test may write anew before it sends SIGHUP.</summary>
    public string ConfigurationPath => _folder["proxy.json"];

    /// <summary>Starts the proxy and waits until every address of its configuration's "listen" lists is listened on.</summary>
    /// <param name="configuration">The configuration's text, as design.md describes it.</param>
    /// <param name="options">How to start it; the defaults when null.</param>
    /// <exception cref="InvalidOperationException">The program is not built, or ended at its start; the text holds its errors.</exception>
    /// <exception cref="TimeoutException">It did not listen in time.</exception>
    public static async Task<ProxyProcess> StartAsync(string configuration, ProxyOptions? options = null)
    {
        options ??= new ProxyOptions();
        var folder = new TempFolder("proxy");
        ChildProcess? child = null;
        try
        {
            var path = folder.Write("proxy.json", configuration);
            string[] arguments = ["run", "--config", path, "--log-format", options.LogFormat, .. options.Arguments];
            var environment = new Dictionary<string, string?>(ProxyExecutable.Environment);
            foreach (var (name, value) in options.Environment)
                environment[name] = value;
            environment["FOLDER"] = folder.Path;
            child = Start(options, arguments, environment);
            if (options.OwnNetwork)
                await child.Error.WaitForLineAsync(line => line.Contains(ReadyEvent, StringComparison.Ordinal), "the proxy is ready",
                    options.StartWithin);
            else
                await WaitUntilListeningAsync(child, configuration, options.StartWithin);
            return new ProxyProcess(folder, child);
        }
        catch
        {
            child?.Dispose();
            folder.Dispose();
            throw;
        }
    }

    /// <summary>The records of the session log so far, in the order of their sessions' ends; only with the log format "json".</summary>
    public IReadOnlyList<JsonElement> Sessions()
    {
        var records = new List<JsonElement>();
        foreach (var line in Child.Output.Snapshot())
        {
            if (Parse(line) is { } record)
                records.Add(record);
        }
        return records;
    }

    /// <summary>Waits for the first record of the session log for which <paramref name="predicate"/> holds.</summary>
    /// <exception cref="TimeoutException">There was none in time; the text holds the last records.</exception>
    public Task<JsonElement> WaitForSessionAsync(Func<JsonElement, bool> predicate, TimeSpan? within = null)
    {
        ArgumentNullException.ThrowIfNull(predicate);
        return Child.Output.WaitForAsync<JsonElement>(
            line => Parse(line) is { } record && predicate(record) ? record : null,
            "a record of the session log",
            within);
    }

    /// <summary>Sends SIGTERM and waits for the end; returns the exit code.</summary>
    public Task<int> StopAsync(TimeSpan? within = null)
    {
        Child.Signal(UnixSignal.Terminate);
        return Child.WaitForExitAsync(within);
    }

    public void Dispose()
    {
        Child.Dispose();
        _folder.Dispose();
    }

    private static ChildProcess Start(ProxyOptions options, string[] arguments, IReadOnlyDictionary<string, string?> environment)
    {
        // exec: the process keeps its number, so that signals and /proc mean the proxy and not the shell.
        var script = options switch
        {
            { OutputToFullDisk: true } => "exec \"$0\" \"$@\" >/dev/full",
            { Before.Length: > 0 } => $"set -e; {options.Before}; exec \"$0\" \"$@\"",
            _ => null,
        };
        List<string> command = script is null ? [ProxyExecutable.FilePath] : ["/bin/sh", "-c", script, ProxyExecutable.FilePath];
        if (options.OwnNetwork)
            command.InsertRange(0, ["/usr/bin/unshare", "--net", "--mount"]);
        else if (options.OwnMounts)
            command.InsertRange(0, ["/usr/bin/unshare", "--mount"]);
        return ChildProcess.Start(command[0], [.. command.Skip(1), .. arguments], environment);
    }

    private static async Task WaitUntilListeningAsync(ChildProcess child, string configuration, TimeSpan within)
    {
        var missing = ListenAddresses(configuration);
        await Eventually.HoldsAsync(
            () =>
            {
                child.ThrowIfExited();
                missing.RemoveAll(IsListening);
                return missing.Count == 0;
            },
            "the proxy listens on all addresses of its configuration",
            within,
            () => $"Missing: {string.Join(", ", missing)}. Its errors:\n{child.Error.Tail()}");
    }

    /// <summary>The addresses of all services; those with port zero or a name, which cannot be looked up, are left out.</summary>
    private static List<string> ListenAddresses(string configuration)
    {
        using var document = JsonDocument.Parse(configuration, ConfigurationSyntax);
        return
        [
            .. from service in document.RootElement.GetProperty("services").EnumerateArray()
               from address in service.GetProperty("listen").EnumerateArray()
               let text = (address.ValueKind == JsonValueKind.Object ? address.GetProperty("address") : address).GetString()!
               where IsUnixPath(text) || (IPEndPoint.TryParse(text, out var endPoint) && endPoint.Port != 0)
               select text,
        ];
    }

    private static bool IsListening(string address) =>
        IsUnixPath(address) ? ListeningSockets.CoversPath(UnixPath(address)) : ListeningSockets.Covers(IPEndPoint.Parse(address));

    private static bool IsUnixPath(string address) =>
        address.StartsWith("unix:", StringComparison.Ordinal) || address.StartsWith('/');

    private static string UnixPath(string address) =>
        address.StartsWith("unix:", StringComparison.Ordinal) ? address["unix:".Length..] : address;

    private static JsonElement? Parse(string line)
    {
        if (!line.StartsWith('{'))
            return null;
        using var document = JsonDocument.Parse(line);
        return document.RootElement.Clone();
    }
}
