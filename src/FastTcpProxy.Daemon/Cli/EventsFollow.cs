using System.Net.ServerSentEvents;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using FastTcpProxy.Daemon.Cli.Client;
using FastTcpProxy.Daemon.Cli.Display;
using FastTcpProxy.Daemon.Host;
using FastTcpProxy.Daemon.Protocol;

namespace FastTcpProxy.Daemon.Cli;

/// <summary>
/// Prints events as they happen. When the stream ends, because the proxy exits, starts again or is taken over, it connects again and says
/// so. Used by the main thread.
/// </summary>
internal sealed class EventsFollow
{
    /// <summary>As many streams are open as may be: the one that broke may be one of them.</summary>
    private const int TooMany = 503;

    private readonly AdminOperation _operation;
    private readonly EventChoice _choice;
    private readonly EventsText _text = new();
    private StreamBeginDocument? _process;
    private string? _lastId;

    private EventsFollow(AdminOperation operation, EventChoice choice)
    {
        _operation = operation;
        _choice = choice;
    }

    /// <summary>Until SIGINT or SIGTERM. Returns the exit code.</summary>
    public static async Task<int> RunAsync(AdminOperation operation, EventChoice choice)
    {
        using CancellationTokenSource stop = new();
        void End(PosixSignalContext signal)
        {
            signal.Cancel = true;
            stop.Cancel();
        }
        using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, End);
        using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, End);
        try
        {
            await new EventsFollow(operation, choice).RunAsync(stop.Token);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // As it is meant to end.
        }
        return ExitCodes.Ok;
    }

    private async Task RunAsync(CancellationToken stop)
    {
        string target = AdminPaths.ToEventStream(_choice);
        string? said = null;
        while (true)
        {
            string why;
            try
            {
                using AdminStream stream = await _operation.Client.OpenAsync(target, _lastId, stop);
                why = await PrintAsync(stream, stop);
                said = null;
            }
            // What cannot be done at first is an error. Later it is waited for, unless the proxy does not want this client.
            catch (AdminClientException e) when (_process is not null && e is not AdminRefusedException { Status: not TooMany })
            {
                why = e.Message;
            }
            if (said != why) AdminOperation.Warn($"{why}; connecting again until it answers");
            said = why;
            await Task.Delay(StreamMessage.Retry, stop);
        }
    }

    /// <summary>Prints until the stream ends.</summary>
    /// <returns>Why it did.</returns>
    private async Task<string> PrintAsync(AdminStream stream, CancellationToken stop)
    {
        try
        {
            await foreach (SseItem<string> message in stream.ReadAsync(stop))
            {
                _lastId = message.EventId ?? _lastId;
                switch (message.EventType)
                {
                    case StreamMessage.Begin:
                        OnBegin(Read(message, DocumentContext.Default.StreamBeginDocument));
                        break;
                    case StreamMessage.Log:
                        OnEvent(message);
                        break;
                    case StreamMessage.Gap:
                        StreamGapDocument gap = Read(message, DocumentContext.Default.StreamGapDocument);
                        AdminOperation.Warn($"{(gap.Lost is { } lost ? $"{lost} events are" : "events may be")} missing here: {gap.Why}");
                        break;
                    case StreamMessage.End:
                        return $"the stream ended: {Read(message, DocumentContext.Default.StreamEndDocument).Why}";
                }
            }
            return "the stream ended without a reason";
        }
        catch (AdminClientException e)
        {
            return $"the stream ended: {e.Message}";
        }
    }

    private void OnBegin(StreamBeginDocument process)
    {
        if (_process is not null)
            AdminOperation.Warn(process.Instance == _process.Instance
                ? $"connected again, to the same process {process.Pid}"
                : $"connected to process {process.Pid}, version {process.Version}; before, it was process {_process.Pid}");
        _process = process;
    }

    private void OnEvent(SseItem<string> message)
    {
        EventDocument recent = Read(message, DocumentContext.Default.EventDocument);
        if (!_operation.IsJson) Console.Out.Write(_text.Lines(recent, Screen.OfStandardOutput()));
        else
        {
            using JsonDocument document = JsonDocument.Parse(message.Data);
            Console.Out.Write(JsonText.Object(document.RootElement));
        }
    }

    private static T Read<T>(SseItem<string> message, JsonTypeInfo<T> shape)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize(message.Data, shape) ?? throw new JsonException("null");
        }
        catch (JsonException e)
        {
            throw new AdminClientException("cannot read a message of the stream; is this a fasttcpproxy of this version?", e);
        }
    }
}
