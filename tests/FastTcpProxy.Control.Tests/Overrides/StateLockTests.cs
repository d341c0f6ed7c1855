using FastTcpProxy.Control.Activation;
using FastTcpProxy.Control.Overrides;
using FastTcpProxy.Control.Overrides.Model;
using FastTcpProxy.Control.Overrides.Storage;
using FastTcpProxy.Testing.Processes;
using Microsoft.Extensions.Time.Testing;

namespace FastTcpProxy.Control.Tests.Overrides;

/// <summary>
/// A state directory has one process at a time: who comes second is told of the first, and a process that is gone leaves nothing behind.
/// </summary>
public sealed class StateLockTests : StoreBed
{
    [Fact]
    public async Task Restore_WhileAnotherProcessHasTheDirectory_NamesIt_AndAKillFreesIt()
    {
        using ChildProcess writer = ChildProcess.Start(Path.Combine(AppContext.BaseDirectory, "FastTcpProxy.StateWriter"), [Folder.Path]);
        await writer.Output.WaitForLineAsync(line => line.StartsWith("answered ", StringComparison.Ordinal), "it writes");

        StateDirectoryInUseException refused = Assert.Throws<StateDirectoryInUseException>(() => Open());

        Assert.Contains($"{Folder.Path} is in use by process {writer.Id}, ", refused.Message);
        writer.Signal(UnixSignal.Kill);
        await writer.WaitForExitAsync();
        Assert.NotNull(Open().Find("s", "a"));
        Assert.DoesNotContain(Observer.Events, e => e.StartsWith("set aside", StringComparison.Ordinal));
    }

    [Fact]
    public void HandOver_PassesTheDirectoryOn_AndBack()
    {
        OverrideStore old = Open();
        old.Release();
        OverrideStore next = OpenReleased();
        old.LetGo();
        next.Reclaim();
        Assert.Equal(OverrideError.None, next.Set("s", "a", OverrideState.Disabled).Error);
        Assert.Equal(OverrideError.NotStored, old.Set("s", "a", OverrideState.Enabled).Error);

        next.Release();
        next.LetGo();
        old.Reclaim();

        Assert.Equal(OverrideError.None, old.Set("s", "b", OverrideState.Disabled).Error);
        Assert.Empty(Observer.Events);
    }

    [Fact]
    public void Reclaim_WhileAnotherHasTheDirectory_WritesNothing_AndSaysSo_UntilItIsFree()
    {
        OverrideStore first = Open();
        first.Set("s", "a", OverrideState.Disabled);
        OverrideStore second = OpenReleased();

        second.Reclaim();
        OverrideOutcome outcome = second.Set("s", "b", OverrideState.Disabled);

        Assert.StartsWith("not stored: ", Observer.Events[^1]);
        Assert.Equal(OverrideError.NotStored, outcome.Error);
        Assert.Contains($"is in use by process {Environment.ProcessId}, ", outcome.Detail);
        Assert.Equal(1, OnDisk().Count);
        first.Dispose();
        Assert.Equal(OverrideError.None, second.Set("s", "b", OverrideState.Disabled).Error);
        Assert.Equal(2, OnDisk().Count);
    }

    [Fact]
    public void Restore_WhereNoLockCanBe_GoesOn_AndSaysSoOnce()
    {
        Directory.CreateDirectory(Folder[StateLock.Name]);

        OverrideStore store = Open();

        Assert.Equal(OverrideError.None, store.Set("s", "a", OverrideState.Disabled).Error);
        Assert.StartsWith("not locked: ", Assert.Single(Observer.Events));
    }

    [Fact]
    public void Change_OnceALockCanBe_TakesIt()
    {
        Directory.CreateDirectory(Folder[StateLock.Name]);
        OverrideStore store = Open();
        Directory.Delete(Folder[StateLock.Name]);

        Assert.Equal(OverrideError.None, store.Set("s", "a", OverrideState.Disabled).Error);

        Assert.Null(StateLock.TryTake(Folder.Path, out _));
    }

    [Fact]
    public async Task Restore_OnAFullDisk_LocksTheDirectoryAllTheSame()
    {
        using TinyDisk disk = await TinyDisk.MountAsync(Folder.MakeFolder("disk"), kilobytes: 16);
        Assert.Throws<IOException>(() => File.WriteAllBytes(Folder["disk/all"], new byte[32 * 1024]));

        using StateLock? held = StateLock.TryTake(Folder["disk"], out _);

        Assert.NotNull(held);
        Assert.Null(StateLock.TryTake(Folder["disk"], out string? holder));
        Assert.Equal("another process", holder);
    }

    [Fact]
    public void Restore_WhereTheLockIsALink_LeavesTheOthersFileAsItIs_AndSaysSo()
    {
        File.WriteAllText(Folder["other"], "kept");
        File.CreateSymbolicLink(Folder[StateLock.Name], Folder["other"]);

        Open();

        Assert.Equal("kept", File.ReadAllText(Folder["other"]));
        string said = Assert.Single(Observer.Events);
        Assert.StartsWith("not locked: ", said);
        Assert.Contains("symbolic link", said);
    }

    [Fact]
    public async Task Restore_WhereTheLockIsAPipe_GoesOn_AndSaysSo()
    {
        Assert.Equal(0, (await ChildProcess.RunAsync("/usr/bin/mkfifo", [Folder[StateLock.Name]])).ExitCode);

        Open();

        string said = Assert.Single(Observer.Events);
        Assert.StartsWith("not locked: ", said);
        Assert.Contains("not a regular file", said);
    }

    /// <summary>
    /// As when the file is cleared away: the one who opened it before would lock what has no name any more, beside the one who made the
    /// next.
    /// </summary>
    [Fact]
    public void TryTake_WhereAnotherMadeAndLockedTheFileAnewMeanwhile_FindsThatOneAndNotItself()
    {
        StateLock? first = null;
        int opened = 0;

        StateLock? second = StateLock.TryTake(Folder.Path, out string? holder, () =>
        {
            if (opened++ > 0) return;
            File.Delete(Folder[StateLock.Name]);
            first = StateLock.TryTake(Folder.Path, out _);
        });

        using (first) Assert.NotNull(first);
        Assert.Null(second);
        Assert.Equal($"process {Environment.ProcessId}", holder);
        Assert.Equal(2, opened);
    }

    [Theory]
    [InlineData(StateLock.TriesMax - 1, true)]
    [InlineData(StateLock.TriesMax, false)]
    public void TryTake_WhereTheFileIsRemovedEachTime_EndsAtTheLimit(int removals, bool isTaken)
    {
        int opened = 0;
        void Remove()
        {
            if (opened++ < removals) File.Delete(Folder[StateLock.Name]);
        }

        if (isTaken)
        {
            using StateLock? held = StateLock.TryTake(Folder.Path, out _, Remove);
            Assert.True(held!.IsInPlace);
        }
        else
        {
            IOException e = Assert.Throws<IOException>(() => StateLock.TryTake(Folder.Path, out _, Remove));
            Assert.Contains($"was removed or replaced {StateLock.TriesMax} times", e.Message);
        }
        Assert.Equal(Math.Min(removals + 1, StateLock.TriesMax), opened);
    }

    [Fact]
    public void Change_WhenTheFileWasRemovedAndAnotherHasTheNextOne_IsRefused()
    {
        OverrideStore first = Open();
        File.Delete(Folder[StateLock.Name]);
        using (StateLock? second = StateLock.TryTake(Folder.Path, out _))
        {
            Assert.NotNull(second);
            OverrideOutcome outcome = first.Set("s", "a", OverrideState.Disabled);

            Assert.Equal(OverrideError.NotStored, outcome.Error);
            Assert.Contains("is in use by ", outcome.Detail);
        }
        Assert.Equal(OverrideError.None, first.Set("s", "a", OverrideState.Disabled).Error);
        Assert.Null(StateLock.TryTake(Folder.Path, out _));
    }

    [Theory]
    [InlineData("1 pid:[1]", "process 1 of another PID namespace (container)")]
    [InlineData("4711", "process 4711")]
    [InlineData("", "another process")]
    public async Task TryTake_NamesTheHolderAsTheFileDoes(string text, string expected)
    {
        using StateLock? held = StateLock.TryTake(Folder.Path, out _);
        // The framework would lock what it opens.
        Assert.Equal(0, (await ChildProcess.RunAsync("/bin/sh",
            ["-c", "printf %s \"$1\" > \"$2\"", "sh", text, Folder[StateLock.Name]])).ExitCode);

        Assert.Null(StateLock.TryTake(Folder.Path, out string? holder));

        Assert.Equal(expected, holder);
    }

    /// <summary>The timer fires when the store is disposed already: no one would give the lock up that it takes then.</summary>
    [Fact]
    public void Dispose_WhileAnOverrideEnds_LeavesTheDirectoryFree()
    {
        LateTimer time = new();
        OverrideStore store = new(new ServiceComposer(Overridden.Two), Folder.Path, Observer, time);
        store.Restore();
        store.Set("s", "a", OverrideState.Disabled, TimeSpan.FromMinutes(1));
        time.Advance(TimeSpan.FromMinutes(1));

        store.Dispose();
        time.Fire();

        using StateLock? taken = StateLock.TryTake(Folder.Path, out string? holder);
        Assert.Null(holder);
        Assert.Contains(Observer.Events, e => e.Contains("Expired", StringComparison.OrdinalIgnoreCase));
    }

    /// <summary>Its one timer fires when the test says so.</summary>
    private sealed class LateTimer() : FakeTimeProvider(Overridden.At)
    {
        public Action Fire { get; private set; } = () => { };

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            Fire = () => callback(state);
            return base.CreateTimer(_ => { }, null, dueTime, period);
        }
    }
}
