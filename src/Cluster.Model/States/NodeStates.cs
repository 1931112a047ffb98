namespace Cluster.Model.States;

public enum NodeRole { Worker, Manager }

/// <summary>Whether the scheduler may use the node. <see cref="Drain"/> also moves away what runs there.</summary>
public enum NodeAvailability { Active, Pause, Drain }

/// <summary>What the managers know of a node. <see cref="Unknown"/>: known, not heard of since the last leader change.</summary>
public enum NodeState { Unknown, Down, Ready, Disconnected }

public enum NodeMembership { Pending, Accepted }
