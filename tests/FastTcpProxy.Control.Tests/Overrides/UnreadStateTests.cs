using FastTcpProxy.Control.Configuration.Problems;
using FastTcpProxy.Control.Overrides;
using FastTcpProxy.Control.Overrides.Model;
using FastTcpProxy.Control.Overrides.Storage;

namespace FastTcpProxy.Control.Tests.Overrides;

/// <summary>
/// A state file that cannot be read is no malformed one: it stays where it is, nothing is written over it, and what it holds comes into
/// force once it can be read.
/// </summary>
public sealed class UnreadStateTests : StoreBed
{
    private string StatePath => Folder[OverrideFile.Name];

    public static TheoryData<string, string> Errors => new()
    {
        { "EIO", "Input/output error (errno 5); " },
        { "EMFILE", "Too many open files (errno 24); " },
        { "EACCES", "Permission denied (errno 13); " },
    };

    [Theory]
    [MemberData(nameof(Errors))]
    public void Load_WhatTheSystemRefuses_NamesTheFileAndTheErrorAndWhatToDo_AndMovesNothing(string error, string expected)
    {
        File.WriteAllText(StatePath, "whole");
        OverrideFile file = new(Folder.Path, read: (string _, out ValueFault fault) =>
        {
            fault = default;
            throw error switch
            {
                "EIO" => new IOException("Input/output error", 5),
                "EMFILE" => new IOException("Too many open files", 24),
                _ => new UnauthorizedAccessException("Permission denied", new IOException("Permission denied", 13)),
            };
        });

        Assert.Null(file.Load(Observer, out string? unread));

        Assert.Equal($"the state file {StatePath} cannot be read: {expected}check the disk and the permissions of {Folder.Path}, "
            + "or move the file away to continue without its overrides", unread);
        Assert.Equal("whole", File.ReadAllText(StatePath));
        Assert.False(File.Exists(StatePath + ".rejected"));
        Assert.Empty(Observer.Events);
    }

    [Fact]
    public void Change_WhileTheFileCannotBeRead_IsRefused_AndReadsItFirstWhenItCan()
    {
        Open().Set("s", "a", OverrideState.Disabled);
        StopAll();
        string kept = MakeUnreadable();

        OverrideStore store = Open();
        OverrideOutcome refused = store.Set("s", "b", OverrideState.Draining);

        Assert.Equal(OverrideError.NotStored, refused.Error);
        Assert.StartsWith($"nothing was changed: the state file {StatePath} cannot be read: ", refused.Detail);
        Assert.StartsWith("not read: ", Assert.Single(Observer.Events));
        Assert.Equal("a b c", Served);
        File.Move(kept, StatePath, overwrite: true);
        Assert.Equal(OverrideError.None, store.Clear("s", "b").Error);
        Assert.Equal("b c", Served);
        Assert.Equal("restored 1", Observer.Events[^1]);
        Assert.Equal(1, OnDisk().Count);
    }

    [Fact]
    public void Follow_OnceTheFileCanBeRead_PutsItInForce()
    {
        Open().Set("s", "a", OverrideState.Disabled);
        StopAll();
        string kept = MakeUnreadable();
        OverrideStore store = Open();
        File.Move(kept, StatePath, overwrite: true);

        store.Reconcile(Composer.Plan(Overridden.Two));

        Assert.Equal("b c", Served);
    }

    [Fact]
    public void Restore_OfAFileThatCannotBeRead_InATakeOver_IsAnError_AsTheOtherGoesOn()
    {
        OverrideStore old = Open();
        old.Set("s", "a", OverrideState.Disabled);
        old.Release();
        string kept = MakeUnreadable();

        Assert.Contains("cannot be read", Assert.Throws<StateUnreadableException>(() => OpenReleased()).Message);

        File.Move(kept, StatePath, overwrite: true);
        old.Reclaim();
        Assert.Equal(1, OnDisk().Count);
    }

    /// <summary>By a link that leads to itself, which holds for root as well.</summary>
    private string MakeUnreadable()
    {
        string kept = Folder["kept"];
        File.Move(StatePath, kept);
        File.CreateSymbolicLink(StatePath, OverrideFile.Name);
        return kept;
    }
}
