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
    private PeerProcess(TempFolder folder, ChildProcess child)
    {
        Folder = folder;
        Child = child;
    }

    public TempFolder Folder { get; }

    public ChildProcess Child { get; }

    /// <summary>Starts a program and waits until it listens.</summary>
    /// <param name="folder">Its folder with the configuration already in it; owned by the result, and disposed of when the start
    /// fails.</param>
    /// <exception cref="InvalidOperationException">It ended at its start; the text holds what it printed.</exception>
    /// <exception cref="TimeoutException">It did not listen in time.</exception>
    public static async Task<PeerProcess> StartAsync(
        TempFolder folder, string program, IEnumerable<string> arguments, params IPEndPoint[] listens)
    {
        ArgumentNullException.ThrowIfNull(folder);
        ChildProcess? child = null;
        try
        {
            child = ChildProcess.Start(program, arguments);
            await Eventually.HoldsAsync(
                () =>
                {
                    child.ThrowIfExited();
                    return Array.TrueForAll(listens, ListeningSockets.Covers);
                },
                $"{program} listens on {string.Join<IPEndPoint>(" and ", listens)}",
                detail: () => "Its errors:\n" + child.Error.Tail() + "\nIts output:\n" + child.Output.Tail());
            return new PeerProcess(folder, child);
        }
        catch
        {
            child?.Dispose();
            folder.Dispose();
            throw;
        }
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

    [GeneratedRegex(@"\bclient=\[?(?<address>[0-9a-fA-F.:]+?)\]?:(?<port>[0-9]+)(?![]0-9a-fA-F.:])")]
    private static partial Regex ClientForm();

    [GeneratedRegex(@"\bserver=\[?(?<address>[0-9a-fA-F.:]+?)\]?:(?<port>[0-9]+)(?![]0-9a-fA-F.:])")]
    private static partial Regex ServerForm();
}
