using System.Collections.Immutable;
using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using FastTcpProxy.Control.Connections;
using FastTcpProxy.Daemon.Protocol;
using FastTcpProxy.Daemon.Sockets;
using FastTcpProxy.Engine.Transport.Linux;

namespace FastTcpProxy.Daemon.TakeOver;

/// <summary>
/// Finds the processes that have handed over their listeners, by their sockets beside the administrative one, and asks each for its state.
/// On the thread pool, and on no thread of the engine's; several callers may ask at once, and share one search. Any user who may write to
/// the folder can have put a file or a socket there, so it trusts nothing that arrives: it is bounded in time and size, asks only processes
/// of this user or root, and leaves out what it does not understand.
/// </summary>
/// <param name="adminSocket">The path of this process's administrative socket.</param>
internal sealed class GenerationFinder(string adminSocket)
{
    /// <summary>
    /// Those that are named: they fit on a screen. Of more, those with sessions and then the oldest are; the others are counted.
    /// </summary>
    public const int GenerationsMax = 8;

    /// <summary>Sockets that are asked, the oldest first, so that a search takes no longer than four times <see cref="Patience"/>. Those
    /// beyond are counted.</summary>
    public const int AskedMax = 4 * DescriptorsMax;

    /// <summary>
    /// Descriptors that it has open at most: a connection to each that is asked at once. While it looks for the sockets it has fewer.
    /// </summary>
    public const int DescriptorsMax = 8;

    /// <summary>Bytes of an answer: ten times the status of a thousand upstreams.</summary>
    private const int AnswerBytesMax = 8 * 1024 * 1024;

    /// <summary>How long one is asked.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(500);

    private readonly Lock _gate = new();
    private Task<FoundGenerations>? _search;

    private static ReadOnlyMemory<byte> Request { get; } =
        Encoding.ASCII.GetBytes($"GET {AdminPaths.Status} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");

    /// <summary>
    /// Those that answer. A caller that asks during a search gets its result. Otherwise each client of the administrative interface could
    /// hold a connection to each of them.
    /// </summary>
    public Task<FoundGenerations> FindAsync()
    {
        lock (_gate)
        {
            if (_search is not { IsCompleted: false }) _search = SearchAsync();
            return _search;
        }
    }

    /// <summary>
    /// How many there are, and when the oldest began, without asking them; null where that cannot be seen: there is none, or all are of
    /// another PID namespace.
    /// </summary>
    public (int Count, DateTimeOffset? OldestStart) Count()
    {
        (string Path, int ProcessId)[] sockets = [.. List()];
        DateTimeOffset? oldest = null;
        foreach ((_, int processId) in sockets)
        {
            if (StartOf(processId) is { } start && !(start > oldest)) oldest = start;
        }
        return (sockets.Length, oldest);
    }

    private static DateTimeOffset? StartOf(int processId)
    {
        try
        {
            using Process process = Process.GetProcessById(processId);
            return process.StartTime.ToUniversalTime();
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException or Win32Exception)
        {
            return null;
        }
    }

    private async Task<FoundGenerations> SearchAsync()
    {
        // Out of the lock.
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        (string Path, int ProcessId)[] sockets = [.. List()];
        List<Generation> found = [];
        foreach ((string Path, int ProcessId)[] some in sockets.Take(AskedMax).Chunk(DescriptorsMax))
            found.AddRange((await Task.WhenAll(some.Select(s => AskAsync(s.Path, s.ProcessId)))).OfType<Generation>());
        IEnumerable<Generation> named = found.OrderByDescending(g => g.Sessions > 0).ThenBy(g => g.StartedAt).Take(GenerationsMax);
        return new FoundGenerations([.. named.OrderBy(g => g.StartedAt)],
            Math.Max(found.Count - GenerationsMax, 0) + Math.Max(sockets.Length - AskedMax, 0));
    }

    /// <summary>The sockets of other processes, the oldest first. Those of processes that are gone are removed.</summary>
    private IEnumerable<(string Path, int ProcessId)> List()
    {
        string prefix = Path.GetFileName(adminSocket) + ".";
        List<(string Path, int ProcessId)> sockets = [];
        try
        {
            foreach (string path in Directory.EnumerateFileSystemEntries(Path.GetDirectoryName(adminSocket)!, prefix + "*"))
            {
                string name = Path.GetFileName(path);
                // The pattern matches the name without its last dot as well.
                if (!name.StartsWith(prefix, StringComparison.Ordinal)) continue;
                if (!GenerationName.TryParse(name.AsSpan(prefix.Length), out GenerationName generation)
                    || !UnixSocketFile.IsSocket(path))
                    continue;
                // Without its process it was killed, unless that is another user's, or of another PID namespace, and cannot be seen.
                if (IsRunning(generation.ProcessId) || UnixSocketFile.IsServed(path)) sockets.Add((path, generation.ProcessId));
                else UnixSocketFile.RemoveStale(path);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or SocketException)
        {
            // What cannot be listed is not shown.
        }
        return sockets.OrderBy(s => File.GetLastWriteTimeUtc(s.Path));
    }

    /// <summary>This process has no such socket while it searches for those of others. A socket with its number belongs to another PID
    /// namespace, or was left behind.</summary>
    private static bool IsRunning(int processId) =>
        processId != Environment.ProcessId && Directory.Exists(string.Create(CultureInfo.InvariantCulture, $"/proc/{processId}"));

    private static async Task<Generation?> AskAsync(string path, int processId)
    {
        using Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified) { Blocking = false };
        using SocketOperation operation = new();
        // Ends whatever operation is under way.
        using Timer limit = new(static s => ((Socket)s!).Dispose(), socket, Patience, Timeout.InfiniteTimeSpan);
        try
        {
            socket.Connect(new UnixDomainSocketEndPoint(path));
            if (PeerCredentials.Read(socket) is not { } peer || (peer.Uid != 0 && peer.Uid != FileOwner.Self)) return null;
            // One that serves itself is no earlier generation. The kernel's number, and not that of the name: another PID namespace has the
            // same.
            if (processId == Environment.ProcessId && peer.Pid == processId) return null;
            return await ConverseAsync(socket, operation) is { } answer
                ? Read(answer.GetBuffer().AsSpan(0, (int)answer.Length), path, processId)
                : null;
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or ArgumentException)
        {
            return null;
        }
    }

    /// <summary>The whole answer; null where there is none within the bounds.</summary>
    private static async Task<MemoryStream?> ConverseAsync(Socket socket, SocketOperation operation)
    {
        for (ReadOnlyMemory<byte> rest = Request; !rest.IsEmpty;)
        {
            int sent = await operation.SendAsync(socket, rest);
            if (sent is 0 or SocketOperation.Failed) return null;
            rest = rest[sent..];
        }
        MemoryStream answer = new();
        byte[] buffer = new byte[16 * 1024];
        while (answer.Length < AnswerBytesMax)
        {
            int received = await operation.ReceiveAsync(socket, buffer);
            if (received == SocketOperation.Failed) return null;
            if (received == 0) return answer;
            answer.Write(buffer, 0, received);
        }
        return null;
    }

    /// <summary>What the answer says; null where it is no status, or not that of the process that the file is named after.</summary>
    private static Generation? Read(ReadOnlySpan<byte> answer, string path, int processId)
    {
        if (!answer.StartsWith("HTTP/1.1 200 "u8)) return null;
        int end = answer.IndexOf("\r\n\r\n"u8);
        if (end < 0) return null;
        try
        {
            GenerationStatus? status = JsonSerializer.Deserialize(answer[(end + 4)..], GenerationContext.Default.GenerationStatus);
            if (status is null || status.Pid != processId || status.Services.IsDefault) return null;
            long sessions = 0;
            // Elements of a list may be null, whatever their type says.
            foreach (GenerationService? service in status.Services)
            {
                if (service is not { Sessions: >= 0 }) return null;
                sessions += service.Sessions;
            }
            return new Generation(processId, path, (int)Math.Min(sessions, int.MaxValue), status.StartedAt);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

/// <summary>What is needed of another process's status, of whatever version it is. Immutable.</summary>
internal sealed record GenerationStatus(int Pid, DateTimeOffset StartedAt, ImmutableArray<GenerationService> Services);

/// <summary>One of its services. Immutable.</summary>
internal sealed record GenerationService(int Sessions);

/// <summary>How it is read: generated, without reflection. Immutable, any thread.</summary>
[JsonSourceGenerationOptions(
    GenerationMode = JsonSourceGenerationMode.Metadata,
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(GenerationStatus))]
internal sealed partial class GenerationContext : JsonSerializerContext;
