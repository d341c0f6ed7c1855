using System.Net;
using System.Text.RegularExpressions;
using FastTcpProxy.Testing.Net;
using FastTcpProxy.Testing.Processes;

namespace FastTcpProxy.Testing.Peers;

/// <summary>
/// What all peers share: a program of the distribution, in the foreground, with its own configuration in its own folder, and the one form
/// (`client=ADDRESS:PORT server=ADDRESS:PORT`, IPv6 with or without brackets) in which the receivers are told to report.
/// Any thread; it owns the process and the folder.
/// </summary>
public sealed partial class PeerProcess : IDisposable
{
    private readonly Func<Task<ChildProcess>> _start;
    private readonly IPEndPoint[] _listens;

    private PeerProcess(TempFolder folder, ChildProcess child, IPEndPoint[] listens, Func<Task<ChildProcess>> start)
    {
        Folder = folder;
        Child = child;
        _listens = listens;
        _start = start;
    }

    public TempFolder Folder { get; }

    /// <summary>The process of the last start.</summary>
    public ChildProcess Child { get; private set; }

    /// <summary>Starts a program and waits until it listens.</summary>
    /// <param name="folder">Its folder with the configuration already in it; owned by the result, and disposed of when the start
    /// fails.</param>
    /// <exception cref="InvalidOperationException">It ended at its start; the text holds what it printed.</exception>
    /// <exception cref="TimeoutException">It did not listen in time.</exception>
    public static async Task<PeerProcess> StartAsync(
        TempFolder folder, string program, IEnumerable<string> arguments, params IPEndPoint[] listens)
    {
        ArgumentNullException.ThrowIfNull(folder);
        Task<ChildProcess> Start() => StartAsync(program, arguments, listens);
        try
        {
            return new PeerProcess(folder, await Start(), listens, Start);
        }
        catch
        {
            folder.Dispose();
            throw;
        }
    }

    /// <summary>Starts it anew in the same folder after <see cref="KillAsync"/>; what it has printed before is gone.</summary>
    /// <inheritdoc cref="StartAsync(TempFolder, string, IEnumerable{string}, IPEndPoint[])" path="/exception"/>
    public async Task RestartAsync() => Child = await _start();

    /// <summary>Kills it and its children, as the kernel does when memory runs out, and waits for their ends.</summary>
    public async Task KillAsync()
    {
        Child.KillAll();
        // The last process that has inherited its output, and the last that listens, are gone.
        await Task.WhenAll(Child.Output.Ended, Child.Error.Ended).WaitAsync(Deadline.Patient);
        await Eventually.HoldsAsync(() => !Array.Exists(_listens, ListeningSockets.Covers), "no child of it listens any more");
        Child.Dispose();
    }

    /// <summary>Asks over HTTP, with the receiver's answer as the report.</summary>
    public static async Task<string> GetAsync(IPEndPoint via, IPEndPoint source, string path)
    {
        using var client = await TestClient.ConnectAsync(via, source);
        await client.SendAsync($"GET {path} HTTP/1.1\r\nHost: peer.test\r\nConnection: close\r\n\r\n");
        return await client.ReceiveToEndAsync();
    }

    /// <summary>Reads a report out of a text in the common form.</summary>
    /// <exception cref="InvalidDataException">There is none in it.</exception>
    public static ReceiverReport Parse(string text)
    {
        var client = ClientForm().Match(text);
        if (!client.Success)
            throw new InvalidDataException("the receiver did not say who the client is: " + text);
        var server = ServerForm().Match(text);
        return new ReceiverReport(ToEndPoint(client), server.Success ? ToEndPoint(server) : null, text);
    }

    public void Dispose()
    {
        Child.Dispose();
        Folder.Dispose();
    }

    private static IPEndPoint ToEndPoint(Match match) =>
        new(IPAddress.Parse(match.Groups["address"].Value), int.Parse(match.Groups["port"].Value));

    private static async Task<ChildProcess> StartAsync(string program, IEnumerable<string> arguments, IPEndPoint[] listens)
    {
        var child = ChildProcess.Start(program, arguments);
        try
        {
            await Eventually.HoldsAsync(
                () =>
                {
                    child.ThrowIfExited();
                    return Array.TrueForAll(listens, ListeningSockets.Covers);
                },
                $"{program} listens on {string.Join<IPEndPoint>(" and ", listens)}",
                detail: () => "Its errors:\n" + child.Error.Tail() + "\nIts output:\n" + child.Output.Tail());
            return child;
        }
        catch
        {
            child.Dispose();
            throw;
        }
    }

    [GeneratedRegex(@"\bclient=\[?(?<address>[0-9a-fA-F.:]+?)\]?:(?<port>[0-9]+)(?![]0-9a-fA-F.:])")]
    private static partial Regex ClientForm();

    [GeneratedRegex(@"\bserver=\[?(?<address>[0-9a-fA-F.:]+?)\]?:(?<port>[0-9]+)(?![]0-9a-fA-F.:])")]
    private static partial Regex ServerForm();
}
