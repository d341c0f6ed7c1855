using System.Collections.Immutable;

namespace FastTcpProxy.Daemon.TakeOver;

/// <summary>
/// The dialogue of the running process with the next one, once that one has the sockets: step by step, so that one of the two serves at
/// each of them. This process accepts until the next one has shown that it is there, and keeps the sockets until that one has confirmed
/// that it is still there. From then on it is the next one that serves, unless that one says that it ends, or has ended.
/// </summary>
internal readonly struct HandOverDialogue(DescriptorChannel channel, PeerProcess next, ImmutableArray<int> counters, TakeOverLimits limits)
{
    private TimeBound Soon => TimeBound.After(limits.StepTime);

    /// <summary>Blocks until it is decided, each step within a bound.</summary>
    /// <param name="release">Ends accepting, and keeps the sockets.</param>
    /// <param name="leave">Gives up the path at which the next process is to wait for its own.</param>
    /// <exception cref="TakeOverException">The next process has come to nothing.</exception>
    public void Run(Action release, Action leave)
    {
        byte? first = Receive(limits.StartTime);
        if (first == HandOverStep.Counters)
        {
            channel.SendDescriptors(counters.AsSpan(), Soon);
            first = Receive(limits.StartTime);
        }
        byte last = HandOverStep.Confirm;
        if (first == HandOverStep.Ready)
        {
            channel.SendByte(HandOverStep.Ready, Soon);
            Expect(HandOverStep.Stop);
            release();
            channel.SendByte(HandOverStep.Stop, Soon);
            Expect(HandOverStep.Confirm);
        }
        else if (first == HandOverStep.Serving)
        {
            // If this process was held, one that does not wait for its answer may have given up since.
            if (channel.HasEnded) throw new TakeOverException("it served and exited while this process was held up");
            release();
            last = HandOverStep.Serving;
        }
        else
        {
            throw new TakeOverException("it exited before it served");
        }
        // Before the answer: the next process takes the path then.
        leave();
        SayLast(last);
        if (HearsThatItEnds()) throw new TakeOverException("it was told to exit before it had taken over");
        if (next.HasEndedOrIsEnding) throw new TakeOverException("it exited before it had learned that it may continue");
    }

    private void Expect(byte step)
    {
        if (Receive(limits.StepTime) != step) throw new TakeOverException("it served and exited before it had taken over");
    }

    private byte? Receive(TimeSpan within) => channel.ReceiveByte(TimeBound.After(within));

    private void SayLast(byte last)
    {
        try
        {
            channel.SendByte(last, Soon);
        }
        catch (TakeOverException e) when (e.Fault == TakeOverFault.PeerClosed && last == HandOverStep.Confirm && next.IsVisible)
        {
            // It has seen that this process left its path, and does not wait to hear so.
        }
    }

    /// <summary>Whether the next process says, behind all that was expected of it, that it ends; mostly it closes at once.</summary>
    private bool HearsThatItEnds()
    {
        try
        {
            TimeBound bound = Soon;
            while (channel.ReceiveByte(bound) is { } word)
            {
                if (word == HandOverStep.Ending) return true;
            }
        }
        catch (TakeOverException)
        {
            // It is slow to hear the answer, or has closed before it had read all. It has confirmed: what counts is whether it is there.
        }
        return false;
    }
}
